import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '#db/processes.ts';
import { type Service, Supervisor } from './supervisor.ts';
import type { CliError } from './terminal.ts';

const TIMING = { startMs: 10_000, stopMs: 300, healthIntervalMs: 100, restartDelayMs: 10 };
/** Answers health checks as `statuses` says, in turn; closes its port, but lives on, when it gets SIGUSR2. */
const SERVER = `
  import { writeFileSync } from 'node:fs';
  import { createServer } from 'node:http';
  const statuses = JSON.parse(process.env.STATUSES);
  let checks = 0;
  const server = createServer((request, response) => {
    response.statusCode = statuses[checks++ % statuses.length];
    response.end();
    if (checks === 9) writeFileSync(process.env.NINE_CHECKS, '');
  });
  setInterval(() => {}, 60_000);
  process.on('SIGUSR2', () => { server.close(); server.closeAllConnections(); });
  process.on('SIGTERM', () => process.exit(0));
  server.listen(Number(process.env.PORT), '127.0.0.1', () => process.send({ ready: true }));
`;
/** Replies to health checks by IPC, until SIGUSR2 blocks its event loop. */
const BLOCKING = `
  process.on('message', ({ health }) => health && process.send({ healthy: true }));
  process.on('SIGTERM', () => process.exit(0));
  process.on('SIGUSR2', () => { for (;;); });
  process.send({ ready: true });
`;
const CRASHING = `process.send({ ready: true }, () => process.exit(3));`;

let folder: string;
let supervisor: Supervisor;
let gaveUp: Promise<CliError>;
/** Each start of a process, in order. */
let started: number[];
let onStarted: () => void;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-supervisor-'));
  started = [];
  onStarted = () => {};
  const failing = Promise.withResolvers<CliError>();
  gaveUp = failing.promise;
  supervisor = new Supervisor({
    record: async (pids) => {
      started.push(...pids.filter((pid) => !started.includes(pid)));
      onStarted();
    },
    abandon: failing.resolve,
    timing: TIMING,
  });
});
afterEach(async () => {
  await supervisor.stop();
  await rm(folder, { recursive: true, force: true });
});

async function describeProgram(source: string, options: Partial<Service> = {}): Promise<Service> {
  const program = path.join(folder, 'program.mjs');
  await writeFile(program, source);
  return { name: 'web', program, environment: { ...process.env }, ...options };
}

async function describeServer(statuses: number[]): Promise<Service> {
  const port = await freePort();
  const environment = {
    ...process.env,
    PORT: String(port),
    STATUSES: JSON.stringify(statuses),
    NINE_CHECKS: path.join(folder, 'nine-checks'),
  };
  return describeProgram(SERVER, { environment, health: { host: '127.0.0.1', port } });
}

const processStarted = (count: number) =>
  new Promise<number>((resolve) => {
    onStarted = () => {
      const pid = started[count - 1];
      if (pid !== undefined) resolve(pid);
    };
    onStarted();
  });

/** What it said on standard error, which is expected. */
function reported(): string {
  const said = vi.mocked(console.error).mock.calls.join('\n');
  vi.mocked(console.error).mockClear();
  return said;
}

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('Supervisor', () => {
  it('restarts a service that no longer serves but does not exit', async () => {
    const service = await describeServer([200]);
    await supervisor.start([service]);
    const first = await processStarted(1);
    process.kill(first, 'SIGUSR2');
    const second = await processStarted(2);
    expect(second).not.toBe(first);
    expect(isRunning(first)).toBe(false);
    await expect
      .poll(() => fetch(`http://127.0.0.1:${service.health?.port}/healthz`).catch(() => null))
      .toMatchObject({ status: 200 });
    expect(reported()).toContain('The web failed its health check 3 times in a row.');
  });

  it('kills and restarts a service whose event loop is blocked', async () => {
    await supervisor.start([await describeProgram(BLOCKING)]);
    const first = await processStarted(1);
    process.kill(first, 'SIGUSR2');
    await processStarted(2);
    expect(isRunning(first)).toBe(false);
    expect(reported()).toContain('The web ended unexpectedly (SIGKILL).');
  });

  it('leaves a service alone that fails two checks in a row', async () => {
    const service = await describeServer([503, 503, 200]);
    await supervisor.start([service]);
    await expect.poll(() => existsSync(path.join(folder, 'nine-checks')), { timeout: 10_000 }).toBe(true);
    expect(started).toHaveLength(1);
    expect(reported()).toBe('');
  });

  it('gives up on a service that fails three times in a minute', async () => {
    const service = await describeProgram(CRASHING);
    await supervisor.start([service]).catch(() => {});
    expect((await gaveUp).message).toBe('The web failed 3 times in a minute.');
    expect(started).toHaveLength(3);
    expect(reported()).toContain('The web ended unexpectedly (exit code 3).');
  });

  it('restarts a service on request without counting it as a failure', async () => {
    await supervisor.start([await describeServer([200])]);
    for (const count of [1, 2, 3, 4]) {
      await processStarted(count);
      await supervisor.restart('web');
    }
    await processStarted(5);
    expect(reported()).toBe('');
  });
});
