import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { autocannonLoad } from './autocannon.ts';
import type { LoadOptions, LoadResult } from './load-generator.ts';
import { measureAll } from './measure.ts';
import { parseWrkOutput } from './wrk.ts';

async function startServer(handle: RequestListener): Promise<number> {
  const server = createServer(handle).listen(0, '127.0.0.1');
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

describe('autocannonLoad', () => {
  it('sends the keys of the file on the requested number of connections, and counts the responses', async () => {
    const receivedKeys = new Set<unknown>();
    const sockets = new Set<unknown>();
    const port = await startServer((request, response) => {
      receivedKeys.add(request.headers['x-api-key']);
      sockets.add(request.socket);
      response
        .writeHead(request.headers['x-api-key'] === 'right' ? 200 : 401, { 'Content-Length': 2 })
        .end('{}');
    });
    const keysFile = await writeKeys('right', 'wrong');
    const result = await autocannonLoad.run({ port, connections: 3, seconds: 0.2, keysFile });
    expect(receivedKeys).toEqual(new Set(['right', 'wrong']));
    expect(sockets.size).toBe(3);
    expect(result).toMatchObject({ errorResponses: result.statuses[401], failures: 0 });
    expect(result.requests).toBe((result.statuses[200] ?? 0) + (result.statuses[401] ?? 0));
    expect(result.p99).toBeGreaterThanOrEqual(result.p50);
  });
});

describe('parseWrkOutput', () => {
  it('parses the last line', () => {
    const output =
      'Running 4s test\n  {}\n\n{"requests":4000,"duration":2000000,"p50":4500,"p99":11000,"errorResponses":1,"failures":2,"statuses":{"200":3999}}\n';
    expect(parseWrkOutput(output)).toEqual({
      requests: 4_000,
      perSecond: 2_000,
      p50: 4.5,
      p99: 11,
      errorResponses: 1,
      failures: 2,
      statuses: { 200: 3_999 },
    });
  });
});

describe('measureAll', () => {
  const OPTIONS = { onProgress: () => {}, pauseMs: 0 };
  const SCENARIO = { name: 'server', connections: 1, port: 1, keysFile: '/none', expected: 200 } as const;

  /** Creates a load generator that sends nothing, always returns the same result and records its runs. */
  function createFakeLoad(overrides: Partial<LoadResult>) {
    const result = {
      ...{ requests: 10, perSecond: 10, p50: 1, p99: 1, errorResponses: 0, failures: 0 },
      statuses: { 200: 10 },
      ...overrides,
    };
    const runs: LoadOptions[] = [];
    const run = async (options: LoadOptions) => {
      runs.push(options);
      return result;
    };
    return { name: 'fake', runs, run, stop: async () => {} };
  }

  it('rejects unexpected responses', async () => {
    const expectRejection = (overrides: Partial<LoadResult>, expected: 200 | 401 = 200) =>
      expect(measureAll(createFakeLoad(overrides), [{ ...SCENARIO, expected }], OPTIONS)).rejects.toThrow(
        /^server(: | returned )/,
      );
    await expectRejection({ statuses: { 200: 9, 503: 1 } });
    await expectRejection({ errorResponses: 1 });
    await expectRejection({ failures: 1 });
    await expectRejection({ requests: 0 });
    await expectRejection({ statuses: { 401: 10 }, errorResponses: 9 }, 401);
    await expect(measureAll(createFakeLoad({}), [SCENARIO], OPTIONS)).resolves.toHaveLength(1);
  });

  it('alternates the scenarios, and reverses their order every second round', async () => {
    const load = createFakeLoad({});
    const scenarios = [SCENARIO, { ...SCENARIO, name: 'other', connections: 2 }];
    const [series] = await measureAll(load, scenarios, OPTIONS);
    const measured = load.runs.slice(-2 * (series?.rounds.length ?? 0));
    expect(measured.slice(0, 4).map(({ connections }) => connections)).toEqual([1, 2, 2, 1]);
  });
});
