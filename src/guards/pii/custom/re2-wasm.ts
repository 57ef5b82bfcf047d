import { functionOption, knownOptions } from '../../../options.ts';
import { type CompiledPattern, type CustomEngine, type MatchSpan, PatternFailure } from './engine.ts';
import { loadRe2, type Re2Instance, type WasmPattern } from './re2-instance.ts';

/** What patterns in memory may cost together: past it, the one that was not used longest is let go and compiled anew. */
export const MAX_RESIDENT_COST = 4_000;

export interface Re2WasmOptions {
  /** Called each time the engine had to be replaced because it had run out of its fixed memory. */
  readonly onAbort?: () => void;
  /** Makes an instance. Default: loads `re2-wasm`, with Node's `require`. */
  readonly load?: () => Re2Instance;
}

/**
 * Google's RE2 as WebAssembly, for Node: an instance with 16 MiB of memory, shared by all patterns that are compiled with
 * it. If that runs out, the instance is replaced and the pattern run once more; if it fails again, the scan throws.
 *
 * @throws {ConfigError} if an option cannot work, or `re2-wasm` is not installed.
 *
 * @example
 * createScanner({ patterns: [{ name: 'employee-id', pattern: 'EMP-\\d{6}' }], engine: re2Wasm() });
 */
export function re2Wasm(options: Re2WasmOptions = {}): CustomEngine {
  knownOptions('re2Wasm', options, ['onAbort', 'load']);
  const { onAbort, load = loadRe2 } = options;
  if (onAbort !== undefined) functionOption('re2Wasm.onAbort', onAbort, 'give a function');
  let instance = functionOption('re2Wasm.load', load, 'give a function')();
  /** Compiled patterns, that used longest ago first. */
  const resident = new Map<Recipe, WasmPattern>();
  let residentCost = 0;

  function build(recipe: Recipe): WasmPattern {
    for (const [oldest, pattern] of resident) {
      if (residentCost + recipe.cost <= MAX_RESIDENT_COST) break;
      drop(oldest, pattern);
    }
    const pattern = new instance.WrappedRE2(recipe.source, false, false, false);
    resident.set(recipe, pattern);
    residentCost += recipe.cost;
    if (pattern.ok()) return pattern;
    drop(recipe, pattern);
    throw new SyntaxError('re2-wasm refuses the pattern');
  }

  function drop(recipe: Recipe, pattern: WasmPattern): void {
    resident.delete(recipe);
    residentCost -= recipe.cost;
    pattern.delete();
  }

  /** Runs something with the compiled pattern; after an abort, once more in a fresh instance. */
  function run<T>(recipe: Recipe, use: (pattern: WasmPattern) => T): T {
    for (let isLast = false; ; isLast = true) {
      try {
        const pattern = resident.get(recipe) ?? build(recipe);
        resident.delete(recipe);
        resident.set(recipe, pattern);
        return use(pattern);
      } catch (error) {
        if (error instanceof SyntaxError) throw error;
        // Whatever was thrown inside, that instance cannot be relied on any more.
        replace();
        if (isLast) throw new PatternFailure('re2-wasm aborted twice', { cause: error });
      }
    }
  }

  function replace(): void {
    resident.clear();
    residentCost = 0;
    instance = load();
    onAbort?.();
  }

  return Object.freeze({
    name: 're2-wasm',
    compile(source: string, cost: number): CompiledPattern {
      const recipe: Recipe = { source, cost };
      run(recipe, () => undefined);
      return {
        find: (text, from) =>
          run(recipe, (pattern) => {
            const { match, index } = pattern.match(text, codePoints(text, from), false);
            return index < 0 ? undefined : spanOf(text, index, match);
          }),
      };
    },
  });
}

interface Recipe {
  readonly source: string;
  readonly cost: number;
}

/** Code points before a place in UTF-16 code units. */
function codePoints(text: string, end: number): number {
  let count = 0;
  for (let at = 0; at < end; at++) if (!isHigh(text.charCodeAt(at))) count++;
  return count;
}

function spanOf(text: string, index: number, match: string): MatchSpan {
  let start = 0;
  for (let i = 0; i < index; i++) start += isHigh(text.charCodeAt(start)) ? 2 : 1;
  return { start, end: start + match.length };
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
