import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { runUnderNewerNode } from './node-version.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

if (!(await runUnderNewerNode(import.meta.url))) {
  const { installPackages } = await import('./checkout.ts');
  await installPackages(ROOT);
  // Nothing of a Stagedoor that is set up here: a database and a secret of the trial's own.
  const settings = {
    STAGEDOOR_EMBEDDED: '1',
    DATABASE_URL: '',
    AUTH_SECRET: randomBytes(32).toString('hex'),
  };
  const child = fork(fileURLToPath(new URL('try-standby.ts', import.meta.url)), {
    cwd: ROOT,
    env: { ...process.env, ...settings },
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal));
  child.on('close', (code) => {
    process.exitCode = code ?? 1;
  });
}
