import { ConfigError, ConfigErrors } from './errors.ts';
import { knownOptions } from './options.ts';

/** Goes on checking after a mistake, so that all of them are named at once. */
export interface Mistakes {
  /** What the check returned; `undefined` if it threw a {@link ConfigError}, which is kept. */
  attempt<T>(check: () => T): T | undefined;
  /** @throws {ConfigError} what was kept: one mistake as it is, several as {@link ConfigErrors}. */
  raise(): void;
}

/** Starts a list of mistakes. Errors of any other kind are not caught. */
export function collectMistakes(): Mistakes {
  const found: ConfigError[] = [];
  return {
    attempt(check) {
      try {
        return check();
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        found.push(...mistakesIn(error));
        return undefined;
      }
    },
    raise() {
      const [first, ...more] = found;
      if (first !== undefined) throw more.length === 0 ? first : new ConfigErrors([first, ...more]);
    },
  };
}

/** The mistakes that an error tells of, each by itself. */
export function mistakesIn(error: ConfigError): readonly ConfigError[] {
  return error instanceof ConfigErrors ? error.errors : [error];
}

/** `knownOptions` for each option by itself. @throws {ConfigError} for every one that is not known. */
export function knownEach(where: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) knownOptions(where, options, known);
  checkEach(Object.entries(options), (entry) => knownOptions(where, Object.fromEntries([entry]), known));
}

/** Runs every check. @throws {ConfigError} naming everything that they threw. */
export function checkEach<T>(items: Iterable<T>, check: (item: T) => unknown): void {
  const mistakes = collectMistakes();
  for (const item of items) mistakes.attempt(() => check(item));
  mistakes.raise();
}
