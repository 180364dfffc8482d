import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findFreePort } from '#db/processes.ts';
import { type Service, Supervisor } from './supervisor.ts';
import type { CliError } from './terminal.ts';

const TIMING = { startTimeoutMs: 10_000, stopTimeoutMs: 300, healthIntervalMs: 100, restartDelayMs: 10 };
/** Responds to health checks with `STATUSES` in turn. On SIGUSR2, closes its port but does not exit. */
const HTTP_PROGRAM = `
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
/** Responds to health checks by IPC, until SIGUSR2 blocks its event loop. */
const BLOCKING_PROGRAM = `
  process.on('message', ({ health }) => health && process.send({ healthy: true }));
  process.on('SIGTERM', () => process.exit(0));
  process.on('SIGUSR2', () => { for (;;); });
  process.send({ ready: true });
`;
const CRASHING_PROGRAM = `process.send({ ready: true }, () => process.exit(3));`;

let folder: string;
let supervisor: Supervisor;
let abandoned: Promise<CliError>;
/** The process ids of all starts, in order. */
let startedPids: number[];
let onStarted: () => void;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-supervisor-'));
  startedPids = [];
  onStarted = () => {};
  const abandoning = Promise.withResolvers<CliError>();
  abandoned = abandoning.promise;
  supervisor = new Supervisor({
    record: async (pids) => {
      startedPids.push(...pids.filter((pid) => !startedPids.includes(pid)));
      onStarted();
    },
    abandon: abandoning.resolve,
    timing: TIMING,
  });
});
afterEach(async () => {
  await supervisor.stop();
  await rm(folder, { recursive: true, force: true });
});

async function createService(source: string, options: Partial<Service> = {}): Promise<Service> {
  const program = path.join(folder, 'program.mjs');
  await writeFile(program, source);
  return { name: 'web', program, environment: { ...process.env }, ...options };
}

async function createHttpService(statuses: number[]): Promise<Service> {
  const port = await findFreePort();
  const environment = {
    ...process.env,
    PORT: String(port),
    STATUSES: JSON.stringify(statuses),
    NINE_CHECKS: path.join(folder, 'nine-checks'),
  };
  return createService(HTTP_PROGRAM, { environment, health: { host: '127.0.0.1', port } });
}

/** Waits for the given number of starts. Returns the last one's process id. */
const waitForStart = (count: number) =>
  new Promise<number>((resolve) => {
    onStarted = () => {
      const pid = startedPids[count - 1];
      if (pid !== undefined) resolve(pid);
    };
    onStarted();
  });

/** Returns the error output, and clears it so that it does not fail the test. */
function takeErrorOutput(): string {
  const output = vi.mocked(console.error).mock.calls.join('\n');
  vi.mocked(console.error).mockClear();
  return output;
}

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('Supervisor', () => {
  it('restarts a service that stops serving without exiting', async () => {
    const service = await createHttpService([200]);
    await supervisor.start([service]);
    const first = await waitForStart(1);
    process.kill(first, 'SIGUSR2');
    const second = await waitForStart(2);
    expect(second).not.toBe(first);
    expect(isRunning(first)).toBe(false);
    await expect
      .poll(() => fetch(`http://127.0.0.1:${service.health?.port}/healthz`).catch(() => null))
      .toMatchObject({ status: 200 });
    expect(takeErrorOutput()).toContain('The web service failed its health check 3 times in a row.');
  });

  it('kills and restarts a service whose event loop is blocked', async () => {
    await supervisor.start([await createService(BLOCKING_PROGRAM)]);
    const first = await waitForStart(1);
    process.kill(first, 'SIGUSR2');
    await waitForStart(2);
    expect(isRunning(first)).toBe(false);
    expect(takeErrorOutput()).toContain('The web service stopped unexpectedly (SIGKILL).');
  });

  it('does not restart a service after two failed checks in a row', async () => {
    const service = await createHttpService([503, 503, 200]);
    await supervisor.start([service]);
    await expect.poll(() => existsSync(path.join(folder, 'nine-checks')), { timeout: 10_000 }).toBe(true);
    expect(startedPids).toHaveLength(1);
    expect(takeErrorOutput()).toBe('');
  });

  it('calls `abandon` after a service has failed three times in a minute', async () => {
    const service = await createService(CRASHING_PROGRAM);
    await supervisor.start([service]).catch(() => {});
    expect((await abandoned).message).toBe('The web service failed 3 times in a minute.');
    expect(startedPids).toHaveLength(3);
    expect(takeErrorOutput()).toContain('The web service stopped unexpectedly (exit code 3).');
  });

  it('restarts a service on request without counting it as a failure', async () => {
    await supervisor.start([await createHttpService([200])]);
    for (const count of [1, 2, 3, 4]) {
      await waitForStart(count);
      await supervisor.restart('web');
    }
    await waitForStart(5);
    expect(takeErrorOutput()).toBe('');
  });
});
