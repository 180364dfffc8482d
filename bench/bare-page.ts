import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { formatKilobytes, weighScripts } from '../scripts/page-weight.ts';

const ROOT = path.join(import.meta.dirname, '..');
/** Inside the checkout, so that Next.js finds its packages. */
const FOLDER = path.join(ROOT, '.stagedoor/bare-page');

const FILES = {
  'package.json': '{ "name": "bare-page", "private": true, "type": "module" }',
  'next.config.mjs': `export default { turbopack: { root: ${JSON.stringify(ROOT)} } };`,
  'app/layout.js': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;',
  'app/page.js': 'export default () => <h1>Hello</h1>;',
};

/** Builds an application with one page without scripts of its own, and prints how much JavaScript the page loads. */
export async function measureBarePage(): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(path.join(FOLDER, 'app'), { recursive: true });
  for (const [name, content] of Object.entries(FILES)) await writeFile(path.join(FOLDER, name), content);
  const next = path.join(ROOT, 'node_modules/next/dist/bin/next');
  await execa(process.execPath, [next, 'build'], {
    cwd: FOLDER,
    env: { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
  });
  const html = await readFile(path.join(FOLDER, '.next/server/app/index.html'), 'utf8');
  const bytes = await weighScripts(html, path.join(FOLDER, '.next'));
  console.log(`A bare page loads ${bytes} bytes of JavaScript with gzip (${formatKilobytes(bytes)}).`);
}
