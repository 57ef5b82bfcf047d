import { loadPeer } from '../peer.ts';
import { PLAIN_PATTERNS } from './plain.ts';

/** Something that finds personal data in a text. */
export interface Engine {
  readonly name: string;
  /** Does the work; what it returns only keeps it from being optimised away. */
  scan(text: string): unknown;
}

const LOADERS: Readonly<Record<string, () => Promise<Engine['scan']>>> = {
  async 're2-wasm, g flag'() {
    const { RE2 } = await loadPeer<{ RE2: new (pattern: string, flags: string) => RegExp }>('re2-wasm');
    const patterns = PLAIN_PATTERNS.map((pattern) => new RE2(pattern, 'gu'));
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
    const { redact } = await loadPeer<{ redact(text: string, options: object): unknown }>('@arcjet/redact');
    return (text) => redact(text, {});
  },
  async openredaction() {
    const { OpenRedaction } = await loadPeer<{
      OpenRedaction: new () => { detect(text: string): unknown };
    }>('openredaction');
    const detector = new OpenRedaction();
    return (text) => detector.detect(text);
  },
  async 'redact-pii'() {
    const module = await loadPeer<{
      SyncRedactor: new () => { redact(text: string): unknown };
    }>('redact-pii');
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
