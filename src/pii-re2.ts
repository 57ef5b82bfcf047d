export type { CustomEngine } from './guards/pii/custom/engine.ts';
export { MAX_RESIDENT_COST, type Re2WasmOptions, re2Wasm } from './guards/pii/custom/re2-wasm.ts';
