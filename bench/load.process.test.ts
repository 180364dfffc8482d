import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { autocannonLoad } from './autocannon.ts';
import type { Asked, Measured } from './load.ts';
import { measureAll } from './rounds.ts';
import { readWrk } from './wrk.ts';

async function listen(answer: RequestListener): Promise<number> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function writeKeys(...keys: string[]): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-load-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'keys');
  await writeFile(file, `${keys.join('\n')}\n`);
  return file;
}

it('asks with the keys of the file on every connection, and counts the answers', async () => {
  const asked = new Set<unknown>();
  const sockets = new Set<unknown>();
  const port = await listen((request, response) => {
    asked.add(request.headers['x-api-key']);
    sockets.add(request.socket);
    response
      .writeHead(request.headers['x-api-key'] === 'right' ? 200 : 401, { 'Content-Length': 2 })
      .end('{}');
  });
  const keysFile = await writeKeys('right', 'wrong');
  const measured = await autocannonLoad.ask({ port, connections: 3, seconds: 0.2, keysFile });
  expect(asked).toEqual(new Set(['right', 'wrong']));
  expect(sockets.size).toBe(3);
  expect(measured).toMatchObject({ refused: measured.statuses[401], broken: 0 });
  expect(measured.requests).toBe((measured.statuses[200] ?? 0) + (measured.statuses[401] ?? 0));
  expect(measured.p99).toBeGreaterThanOrEqual(measured.p50);
});

it('reads what wrk says last', () => {
  const said =
    'Running 4s test\n  {}\n\n{"requests":4000,"duration":2000000,"p50":4500,"p99":11000,"refused":1,"broken":2,"statuses":{"200":3999}}\n';
  expect(readWrk(said)).toEqual({
    requests: 4_000,
    perSecond: 2_000,
    p50: 4.5,
    p99: 11,
    refused: 1,
    broken: 2,
    statuses: { 200: 3_999 },
  });
});

/** A load that has always the same to say. */
function measuring(said: Partial<Measured>) {
  const usual = { requests: 10, perSecond: 10, p50: 1, p99: 1, refused: 0, broken: 0, statuses: { 200: 10 } };
  const asked: Asked[] = [];
  const ask = async (one: Asked) => {
    asked.push(one);
    return { ...usual, ...said };
  };
  return { name: 'fixed', asked, ask, stop: async () => {} };
}

const quiet = { tell: () => {}, pauseMs: 0 };
const contender = { name: 'server', connections: 1, port: 1, keysFile: '/none', expected: 200 } as const;

it('takes no measure of answers that are not the expected ones', async () => {
  const rejects = (said: Partial<Measured>, expected: 200 | 401 = 200) =>
    expect(measureAll(measuring(said), [{ ...contender, expected }], quiet)).rejects.toThrow(/server/);
  await rejects({ statuses: { 200: 9, 503: 1 } });
  await rejects({ refused: 1 });
  await rejects({ broken: 1 });
  await rejects({ requests: 0 });
  await rejects({ statuses: { 401: 10 }, refused: 9 }, 401);
  await expect(measureAll(measuring({}), [contender], quiet)).resolves.toHaveLength(1);
});

it('measures in turn, every other round backwards', async () => {
  const load = measuring({});
  const [series] = await measureAll(
    load,
    [contender, { ...contender, name: 'other', connections: 2 }],
    quiet,
  );
  const measured = load.asked.slice(-2 * (series?.rounds.length ?? 0));
  expect(measured.slice(0, 4).map(({ connections }) => connections)).toEqual([1, 2, 2, 1]);
});
