import kernel from './kernel/kernel.wasm';

/**
 * `kernelModule` of kernel-module.ts for workerd (Cloudflare Workers), where code may not be compiled at run time: what is
 * imported was compiled before. Built, the package takes this file under the condition `workerd`; see scripts/dist.mjs.
 */
export function kernelModule(): WebAssembly.Module | undefined {
  // A bundler that knows of no modules in WebAssembly may have made a path or bytes of it.
  return (kernel as unknown) instanceof WebAssembly.Module ? kernel : undefined;
}
