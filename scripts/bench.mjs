import { fork } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runUnderNewerNode } from './node-version.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

if (!(await runUnderNewerNode(import.meta.url))) {
  const { installPackages } = await import('./checkout.ts');
  await installPackages(ROOT);
  await installPackages(path.join(ROOT, 'bench/better-auth'));
  const program = fileURLToPath(new URL('../bench/run.ts', import.meta.url));
  const child = fork(program, process.argv.slice(2), { cwd: ROOT });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
    process.on(signal, () => child.kill(signal));
  child.on('close', (code) => {
    process.exitCode = code ?? 1;
  });
}
