import { RE2JS } from 're2js';
import type { CompiledPattern, CustomEngine } from './engine.ts';

/**
 * RE2 in plain JavaScript: runs wherever JavaScript does.
 *
 * @example
 * createScanner({ patterns: [{ name: 'employee-id', pattern: 'EMP-\\d{6}' }], engine: re2js() });
 */
export function re2js(): CustomEngine {
  return Object.freeze({ name: 're2js', compile });
}

function compile(source: string): CompiledPattern {
  const pattern = RE2JS.compile(source);
  return {
    find(text, from) {
      // A test costs a small part of what finding the place does, and most windows hold nothing.
      if (!pattern.test(text)) return undefined;
      const matcher = pattern.matcher(text);
      return matcher.find(from) ? { start: matcher.start(), end: matcher.end() } : undefined;
    },
  };
}
