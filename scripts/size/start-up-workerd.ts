import { Miniflare } from 'miniflare';

/** Where Miniflare's modules are said to be; there is no such folder. */
const ROOT = '/worker';

/**
 * Milliseconds in which a bundle's modules run when workerd starts it, best of several starts. While modules are loaded its
 * clock does not stand still, as it does later; it tells whole milliseconds.
 */
export async function startUpOnWorkerd(text: string, starts: number): Promise<number> {
  const linked = text.replaceAll(/(from|import)\s*"[^"]*\.wasm"/g, '$1"./kernel.mjs"');
  const files: Readonly<Record<string, string>> = {
    'main.mjs': "import './bundle.mjs';\nexport default { fetch: () => Response.json(globalThis.evaluated) };",
    'bundle.mjs': `const begun=Date.now();${linked}\nglobalThis.evaluated=Date.now()-begun;\n`,
    'kernel.mjs': 'export default undefined;',
  };
  const options = {
    compatibilityDate: '2026-04-01',
    cf: false as const,
    modulesRoot: ROOT,
    modules: Object.entries(files).map(([name, contents]) => {
      return { type: 'ESModule' as const, path: `${ROOT}/${name}`, contents };
    }),
  };
  const miniflare = new Miniflare(options);
  try {
    let best = Number.POSITIVE_INFINITY;
    for (let start = 0; start < starts; start++) {
      if (start > 0) await miniflare.setOptions(options);
      const response = await miniflare.dispatchFetch('http://localhost/');
      if (!response.ok) throw new Error(await response.text());
      best = Math.min(best, (await response.json()) as number);
    }
    return best;
  } finally {
    await miniflare.dispose();
  }
}
