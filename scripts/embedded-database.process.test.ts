import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { connectDatabase } from '#db/client.ts';
import { startDatabase } from './embedded-database.ts';

it('startDatabase replaces a server that does not respond, and keeps its data', async () => {
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
  process.kill(pid, 'SIGSTOP');
  const query = () =>
    pool.query('select answer from kept').then(
      ({ rows }) => rows,
      () => [],
    );
  await expect.poll(readPid, { timeout: 30_000 }).not.toBe(pid);
  await expect.poll(query, { timeout: 30_000 }).toEqual([{ answer: 42 }]);
  expect(abandon).not.toHaveBeenCalled();
  expect(vi.mocked(console.error).mock.calls.flat()).toEqual([
    'The database failed its health check 3 times in a row.',
    'The database stopped unexpectedly. Restarting it.',
  ]);
  vi.mocked(console.error).mockClear();
});
