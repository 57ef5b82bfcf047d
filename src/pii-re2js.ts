export type { CustomEngine } from './guards/pii/custom/engine.ts';
export { re2js } from './guards/pii/custom/re2js.ts';
