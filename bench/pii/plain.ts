/** What people write first: one regular expression for each type, to be run with the `g` flag. */
export const PLAIN_PATTERNS: readonly string[] = [
  String.raw`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}`,
  String.raw`(?:\+?1[-. ]?)?\(?\d{3}\)?[-. ]?\d{3}[-. ]?\d{4}\b`,
  String.raw`\b\d{3}-\d{2}-\d{4}\b`,
  String.raw`\b(?:\d[ -]?){13,19}\b`,
  String.raw`\b(?:\d{1,3}\.){3}\d{1,3}\b`,
];
