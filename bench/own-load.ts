import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { parentPort, Worker } from 'node:worker_threads';
import type { Asked, Load, Measured } from './load.ts';

type Shared = { end: number; nextRequest(): string; onAnswer(status: string, milliseconds: number): void };

const LENGTH = 'Content-Length: ';

/** One connection, kept alive: the next request goes out when the last one was answered. */
function drive(port: number, { end, nextRequest, onAnswer }: Shared): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let sentAt = 0;
    let said = '';
    const send = () => {
      sentAt = performance.now();
      if (sentAt >= end) socket.end();
      else socket.write(nextRequest());
    };
    socket.setEncoding('latin1');
    socket.on('connect', send).on('error', reject).on('close', resolve);
    socket.on('data', (text) => {
      said += text;
      const body = said.indexOf('\r\n\r\n') + 4;
      if (body < 4) return;
      const at = said.indexOf(LENGTH) + LENGTH.length;
      if (said.length < body + Number(said.slice(at, said.indexOf('\r\n', at)))) return;
      onAnswer(said.slice(9, 12), performance.now() - sentAt);
      said = '';
      send();
    });
  });
}

async function run({ port, connections, seconds, keysFile }: Asked): Promise<Measured> {
  const keys = (await readFile(keysFile, 'utf8')).trim().split('\n');
  const requests = keys.map((key) => `GET /verify HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${key}\r\n\r\n`);
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const begun = performance.now();
  const shared: Shared = {
    end: begun + seconds * 1_000,
    nextRequest: () => requests[Math.floor(Math.random() * requests.length)] ?? '',
    onAnswer(status, time) {
      times.push(time);
      statuses[status] = (statuses[status] ?? 0) + 1;
    },
  };
  const ends = await Promise.allSettled(Array.from({ length: connections }, () => drive(port, shared)));
  const took = (performance.now() - begun) / 1_000;
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  const refused = Object.entries(statuses).filter(([status]) => Number(status) >= 400);
  return {
    requests: times.length,
    perSecond: times.length / took,
    p50: at(0.5),
    p99: at(0.99),
    refused: refused.reduce((sum, [, count]) => sum + count, 0),
    broken: ends.filter(({ status }) => status === 'rejected').length,
    statuses,
  };
}

/** Where there is no wrk: load by Node itself, in a thread of its own. It costs the server more of the machine. */
export function startOwnLoad(): Load {
  const worker = new Worker(new URL(import.meta.url));
  const ask = async (asked: Asked): Promise<Measured> => {
    worker.postMessage(asked);
    const [measured] = await once(worker, 'message');
    return measured;
  };
  const stop = async () => void (await worker.terminate());
  return { name: 'a load of its own (there is no wrk)', ask, stop };
}

parentPort?.on('message', async (asked: Asked) => parentPort?.postMessage(await run(asked)));
