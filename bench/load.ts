import { connect } from 'node:net';
import { parentPort } from 'node:worker_threads';

export type Load = { port: number; connections: number; milliseconds: number; keys: string[] };
export type Measured = {
  requests: number;
  /** Over the time it took. */
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** How many answers had each status. */
  statuses: Record<string, number>;
};

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

/** Asks on `connections` connections at once, each without a pause. */
async function run({ port, connections, milliseconds, keys }: Load): Promise<Measured> {
  const requests = keys.map((key) => `GET /verify HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${key}\r\n\r\n`);
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  let turn = 0;
  const begun = performance.now();
  const shared: Shared = {
    end: begun + milliseconds,
    nextRequest() {
      turn = (turn + 1) % requests.length;
      return requests[turn] ?? '';
    },
    onAnswer(status, time) {
      times.push(time);
      statuses[status] = (statuses[status] ?? 0) + 1;
    },
  };
  await Promise.all(Array.from({ length: connections }, () => drive(port, shared)));
  const seconds = (performance.now() - begun) / 1_000;
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { requests: times.length, perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99), statuses };
}

parentPort?.on('message', async (load: Load) => parentPort?.postMessage(await run(load)));
