/** Source of a regular expression for a token of HTTP, RFC 9110 section 5.6.2. */
export const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

/** A field name, RFC 9110 section 5.1. */
export const HEADER_NAME: RegExp = new RegExp(`^${TOKEN}$`);
