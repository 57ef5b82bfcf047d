/** What an import of kernel.wasm is on workerd. */
declare const kernel: WebAssembly.Module;
export default kernel;
