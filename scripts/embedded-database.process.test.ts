import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectDatabase } from '#db/client.ts';
import { startDatabase } from './embedded-database.ts';

const FAILED = 'The database failed its health check 3 times in a row.';
const RESTARTING = 'The database stopped unexpectedly. Restarting it.';

/** Starts a database in a folder of its own until the test ends. */
async function start() {
  const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-database-'));
  const cleanUps: (() => unknown)[] = [];
  const abandon = vi.fn();
  const url = await startDatabase(folder, {
    onStop: (cleanUp) => cleanUps.push(cleanUp),
    abandon,
    healthIntervalMs: 200,
  });
  const { pool, close } = connectDatabase(url, undefined, { queryMs: 1_000, connectMs: 1_000 });
  onTestFinished(async () => {
    await close();
    for (const cleanUp of cleanUps) await cleanUp();
    await rm(folder, { recursive: true, force: true });
  });
  await pool.query('create table kept as select 42 as answer');
  const readPid = async () =>
    Number((await readFile(path.join(folder, 'postgres/cluster/postmaster.pid'), 'utf8')).split('\n')[0]);
  const pid = await readPid();

  /** Expects that another server runs soon, on the same port and with the same data. */
  async function expectRestart() {
    const query = () =>
      pool.query('select answer from kept').then(
        ({ rows }) => rows,
        () => [],
      );
    await expect.poll(readPid, { timeout: 30_000 }).not.toBe(pid);
    await expect.poll(query, { timeout: 30_000 }).toEqual([{ answer: 42 }]);
    expect(abandon).not.toHaveBeenCalled();
    expect(vi.mocked(console.error).mock.calls.flat()).toEqual([FAILED, RESTARTING]);
    vi.mocked(console.error).mockClear();
  }

  return { pid, pool, expectRestart };
}

describe('startDatabase', () => {
  it('replaces a server that does not respond, and keeps its data', async () => {
    const { pid, expectRestart } = await start();
    process.kill(pid, 'SIGSTOP');
    await expectRestart();
  });

  it('restarts a killed server, one of whose processes outlives it', async () => {
    const { pid, pool, expectRestart } = await start();
    const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
    const backend = rows[0]?.pid ?? 0;
    // It does not notice that the server has ended, and keeps the server's log open.
    process.kill(backend, 'SIGSTOP');
    process.kill(pid, 'SIGKILL');
    await expect
      .poll(() => vi.mocked(console.error).mock.calls.flat(), { timeout: 30_000 })
      .toEqual([FAILED]);
    process.kill(backend, 'SIGCONT');
    await expectRestart();
  });
});
