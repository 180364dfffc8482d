import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);
/** Gzipped sizes by file, because pages share most scripts. */
const sizes = new Map<string, Promise<number>>();

const measureGzipped = async (file: string) => (await compress(await readFile(file))).length;

/** Formats a number of bytes in units of 1,000. */
export const formatKilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(1)} KB`;

/**
 * Adds up the JavaScript that a browser loads for a page before the user does anything, in bytes with gzip: the scripts in
 * its HTML, and those that the data in the HTML names for client components. Leaves out the polyfills, which browsers that
 * support modules do not load.
 * @param buildFolder the output of `next build`
 */
export async function weighScripts(html: string, buildFolder: string): Promise<number> {
  const loaded = html.replace(/<script[^>]+nomodule[^>]*>/gi, '');
  const scripts = new Set([...loaded.matchAll(/static\/chunks\/[\w.~-]+\.js/g)].map(([script]) => script));
  const weighed = [...scripts].map((script) => {
    const file = path.join(buildFolder, script);
    const size = sizes.get(file) ?? measureGzipped(file);
    sizes.set(file, size);
    return size;
  });
  return (await Promise.all(weighed)).reduce((sum, size) => sum + size, 0);
}
