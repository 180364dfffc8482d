import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { runUnderNewerNode } from './node-version.mjs';

// `node scripts/run.mjs [--install] <program> …` runs a TypeScript program under a new enough Node.js. With --install,
// it installs the packages first. An older Node.js may run this file, so it imports everything newer after the check.
if (!(await runUnderNewerNode(import.meta.url))) {
  process.chdir(path.dirname(import.meta.dirname));
  if (process.argv[2] === '--install') {
    process.argv.splice(2, 1);
    const { installPackages, isInstalled } = await import('./checkout.ts');
    if (!(await isInstalled(process.cwd()))) console.log('Installing packages …');
    await installPackages(process.cwd());
  }
  const { enableCompileCache } = await import('node:module');
  enableCompileCache(path.resolve('node_modules/.cache/node'));
  await import('./faster-imports.mjs');
  const [program = ''] = process.argv.splice(2, 1);
  await import(pathToFileURL(program).href);
}
