/** A statement that stands in our source, whole. What is of a request goes into its parameters. */
export interface Statement {
  readonly text: string;
}

const DECLARED = new WeakSet<Statement>();

/**
 * Declares a statement. It takes a template and nothing in it, so that no text that was put together becomes one; declare it
 * once, beside what uses it.
 *
 * @throws {TypeError} for a text that is no template, or one with holes.
 *
 * @example
 * const COUNT = sql`select count(*)::int as count from portcullis.replay`;
 */
export function sql(template: TemplateStringsArray): Statement {
  const [text] = template;
  if (!Array.isArray(template.raw) || template.length !== 1 || text === undefined) {
    throw new TypeError('a statement is a template without anything in it');
  }
  const statement = Object.freeze({ text });
  DECLARED.add(statement);
  return statement;
}

/** Runs a declared statement with parameters and returns its rows. */
export type StatementQuery = <Row = Readonly<Record<string, unknown>>>(
  statement: Statement,
  values?: readonly unknown[],
) => Promise<readonly Row[]>;

/** Whether {@link sql} made it. */
export function isDeclared(statement: Statement): boolean {
  return DECLARED.has(statement);
}
