import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Something that finds personal data in a text. */
export interface Engine {
  readonly name: string;
  /** Does the work; what it returns only keeps it from being optimised away. */
  scan(text: string): unknown;
}

type Module = Record<string, never> & Readonly<Record<string, unknown>>;

/** Packages of the peers, installed apart from the project's own: some of them bring a hundred others. */
const require = createRequire(pathToFileURL('bench/peers/package.json'));

async function load(name: string): Promise<Module> {
  return (await import(pathToFileURL(require.resolve(name)).href)) as Module;
}

const LOADERS: Readonly<Record<string, () => Promise<Engine['scan']>>> = {
  async 're2-wasm, g flag'() {
    const { RE2 } = (await load('re2-wasm')) as unknown as { RE2: new (pattern: string, flags: string) => RegExp };
    const patterns = [
      '[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,}',
      '(?:\\+?1[-. ]?)?\\(?\\d{3}\\)?[-. ]?\\d{3}[-. ]?\\d{4}\\b',
      '\\b\\d{3}-\\d{2}-\\d{4}\\b',
      '\\b(?:\\d[ -]?){13,19}\\b',
      '\\b(?:\\d{1,3}\\.){3}\\d{1,3}\\b',
    ].map((pattern) => new RE2(pattern, 'gu'));
    return (text) => {
      let found = 0;
      for (const pattern of patterns) {
        pattern.lastIndex = 0;
        while (pattern.exec(text) !== null) found++;
      }
      return found;
    };
  },
  async '@arcjet/redact'() {
    const { redact } = (await load('@arcjet/redact')) as unknown as { redact(text: string, options: object): unknown };
    return (text) => redact(text, {});
  },
  async openredaction() {
    const { OpenRedaction } = (await load('openredaction')) as unknown as {
      OpenRedaction: new () => { detect(text: string): unknown };
    };
    const detector = new OpenRedaction();
    return (text) => detector.detect(text);
  },
  async 'redact-pii'() {
    const module = (await load('redact-pii')) as unknown as {
      SyncRedactor: new () => { redact(text: string): unknown };
    };
    const redactor = new module.SyncRedactor();
    return (text) => redactor.redact(text);
  },
};

/** The peers that are installed, and the names of those that are not. */
export async function peerEngines(): Promise<{
  readonly engines: readonly Engine[];
  readonly missing: readonly string[];
}> {
  const engines: Engine[] = [];
  const missing: string[] = [];
  for (const [name, loader] of Object.entries(LOADERS)) {
    try {
      engines.push({ name, scan: await loader() });
    } catch {
      missing.push(name);
    }
  }
  return { engines, missing };
}
