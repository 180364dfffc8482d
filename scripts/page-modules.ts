import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Metafile, type Plugin, stop } from 'esbuild';
import { formatKilobytes } from './page-weight.ts';

type ReferenceManifest = { clientModules: Record<string, unknown> };

/** Lists our client components that a page of the build uses, as paths. */
async function listClientComponents(root: string, entry: string): Promise<string[]> {
  const file = path.join(root, `.next/server/app/${entry}/page_client-reference-manifest.js`);
  const [, json = ''] = /\] = (\{.*\});?\s*$/s.exec(await readFile(file, 'utf8')) ?? [];
  const { clientModules } = JSON.parse(json) as ReferenceManifest;
  return Object.keys(clientModules).flatMap((name) => {
    const [, own] = /^\[project\]\/((?:app|components|lib)\/.*\.tsx?)/.exec(name) ?? [];
    return own === undefined ? [] : [own];
  });
}

/** Replaces server actions, whose code stays on the server. */
const replaceActions: Plugin = {
  name: 'replace-actions',
  setup: ({ onLoad }) => {
    onLoad({ filter: /(?:actions|\/db\/.*)\.ts$/ }, () => ({
      contents: 'module.exports = {};',
      loader: 'js',
    }));
  },
};

/** Adds up the sizes of what the entry points load immediately, by our module or by package. */
function sumByModule({ outputs }: Metafile): Map<string, number> {
  const loaded = new Set(Object.keys(outputs).filter((name) => outputs[name]?.entryPoint));
  for (const name of loaded) {
    for (const { path: imported, kind } of outputs[name]?.imports ?? [])
      if (kind !== 'dynamic-import' && imported in outputs) loaded.add(imported);
  }
  const sums = new Map<string, number>();
  for (const name of loaded) {
    for (const [input, { bytesInOutput }] of Object.entries(outputs[name]?.inputs ?? {})) {
      const [module] = /node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [input];
      sums.set(module, (sums.get(module) ?? 0) + bytesInOutput);
    }
  }
  return sums;
}

/** Returns by which imports a module is reached from an entry point. */
function findImportChain({ inputs }: Metafile, entries: string[], module: string): string[] {
  const chains = new Map(entries.map((entry) => [entry, [entry]]));
  for (const [name, chain] of chains) {
    if (name.startsWith(module)) return chain;
    for (const { path: imported, kind } of inputs[name]?.imports ?? [])
      if (kind !== 'dynamic-import' && !chains.has(imported)) chains.set(imported, [...chain, imported]);
  }
  return [];
}

const MODULES_SHOWN = 25;

/**
 * Describes what a page's own JavaScript consists of: the largest modules and packages, minified, before compression, and for
 * each package by which imports it is reached. Next.js's scripts have no names in them, so this bundles the page's client
 * components with esbuild. What is loaded later, by a dynamic import, does not count.
 * @param entry the name of the page in the build, such as `settings/audit-log`
 */
export async function describeModules(root: string, entry: string): Promise<string> {
  const entries = await listClientComponents(root, entry);
  const { metafile } = await build({
    entryPoints: entries,
    absWorkingDir: root,
    outdir: path.join(root, '.stagedoor/page-modules'),
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    write: false,
    metafile: true,
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    external: ['react', 'react/*', 'react-dom', 'react-dom/*', 'next/*', 'node:*'],
    loader: { '.css': 'empty' },
    plugins: [replaceActions],
    logLevel: 'error',
  });
  await stop();
  const largest = [...sumByModule(metafile)].sort(([, a], [, b]) => b - a).slice(0, MODULES_SHOWN);
  return largest
    .map(([module, bytes]) => {
      const chain = module.startsWith('node_modules/') ? findImportChain(metafile, entries, module) : [];
      const reachedBy = chain.length > 1 ? ` (${chain.slice(0, -1).join(' → ')})` : '';
      return `${formatKilobytes(bytes).padStart(9)}  ${module}${reachedBy}`;
    })
    .join('\n');
}
