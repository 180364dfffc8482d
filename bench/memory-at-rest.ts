import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findFreePort } from '#db/processes.ts';

// `node bench/memory-at-rest.ts` starts Stagedoor as `npm start` does, and prints the resident memory of its four idle
// Node.js processes. PostgreSQL's processes share most of their memory, so they are left out.

const GOAL_MB = 450;
/** Long enough for the garbage of the startup to be collected. */
const REST_MS = 30_000;

const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-memory-'));
const child = spawn(process.execPath, ['scripts/start.mjs'], {
  cwd: path.join(import.meta.dirname, '..'),
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NODE_ENV: 'production',
    STAGEDOOR_DATA: folder,
    PORT: String(await findFreePort()),
    VERIFIER_PORT: String(await findFreePort()),
    DATABASE_URL: '',
  },
});
const exited = once(child, 'exit');
let output = '';
for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
  output += text;
  if (output.includes('Press Ctrl-C')) break;
}
child.stdout.resume();
await delay(REST_MS);

const { starter: supervisor, services } = JSON.parse(
  await readFile(path.join(folder, 'processes.json'), 'utf8'),
);
const { stdout } = await promisify(execFile)('ps', [
  '-o',
  'rss=,args=',
  '-p',
  [supervisor, ...services].join(),
]);
let total = 0;
for (const line of stdout.trim().split('\n')) {
  const [, kilobytes = '0', command = ''] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
  const name = /programs\/(\w+)\.mjs/.exec(command)?.[1] ?? 'supervisor';
  const megabytes = Number(kilobytes) / 1_024;
  total += megabytes;
  console.log(`${name.padEnd(10)}${megabytes.toFixed(0).padStart(5)} MB`);
}
console.log(`${'total'.padEnd(10)}${total.toFixed(0).padStart(5)} MB (goal: at most ${GOAL_MB})`);
child.kill('SIGINT');
await exited;
await rm(folder, { recursive: true, force: true });
process.exitCode = total <= GOAL_MB ? 0 : 1;
