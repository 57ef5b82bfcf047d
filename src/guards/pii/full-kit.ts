import { readyPatterns } from './custom/patterns.ts';
import { customScan } from './custom/scan.ts';
import { type Kit, kitOf } from './kit.ts';
import { RECOGNIZERS } from './recognizers/table.ts';

/** Everything that there is. */
export function fullKit(): Kit {
  return kitOf(RECOGNIZERS, { ready: readyPatterns, scan: customScan });
}
