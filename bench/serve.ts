import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { answerProcess, askProcess } from '#lib/platform/process-questions.ts';
import { startVerifier } from '#lib/verifier/server.ts';
import { WorkerPool } from '#lib/verifier/worker-pool.ts';
import { createVerifier } from '../clients/verifier/create-verifier.ts';

type VerifierSettings = { databaseUrl: string; requestsPerMinute: number };

/** The first argument of this program, as JSON. */
export type ServerOptions =
  | { kind: 'baseline' }
  | (VerifierSettings & { kind: 'verifier'; workers?: number })
  /** Verifies in its own process, and does nothing else. */
  | (VerifierSettings & { kind: 'in-process' })
  /** Responds with a row of `orders`, with or without verifying in its own process. */
  | { kind: 'api'; ordersUrl: string; orders: number; verifier?: VerifierSettings };

const CPU_TIMEOUT_MS = 5_000;

/**
 * The baseline's response. The body is a string, which is sent in one piece with the headers; a Buffer is a fifth slower.
 */
const CONSTANT_BODY =
  '{"account":{"id":"01890a5d-ac96-774b-bcce-b302099a8057","username":"Company"},"key":{"status":"current","expiresAt":null},"scopes":[]}';
const CONSTANT_HEADERS = { 'Content-Type': 'application/json', 'Content-Length': CONSTANT_BODY.length };

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Serves the baseline: Node.js's own HTTP server with a constant response. */
const serveBaseline = () =>
  listen((_request, response) => void response.writeHead(200, CONSTANT_HEADERS).end(CONSTANT_BODY));

/** Serves the verifier with usage counts and rate limits, but without the unknown-key limiter, to measure unknown keys. */
async function serveVerifier({ databaseUrl, requestsPerMinute }: VerifierSettings): Promise<number> {
  const defaults = { port: 0, host: '127.0.0.1', organisationName: 'Bench', apiKeyTag: 'stagekey' };
  const isPoolWorker = cluster.isWorker;
  const { port } = await startVerifier({ ...defaults, databaseUrl, requestsPerMinute, isPoolWorker });
  return port;
}

/** Serves with a pool of verifiers, each of which runs this program as well. */
async function servePool(workers: number): Promise<number> {
  const listening = once(cluster, 'listening');
  await WorkerPool.start(workers);
  const [, { port }] = await listening;
  return port;
}

/** Creates a function that verifies an API's request in this process. */
function createRequestVerifier(settings: VerifierSettings) {
  const verifier = createVerifier({ ...settings, unknownKeysPerMinute: Number.POSITIVE_INFINITY });
  return ({ headersDistinct, socket }: IncomingMessage) =>
    verifier.verify({
      authorization: headersDistinct.authorization,
      apiKey: headersDistinct['x-api-key'],
      ip: socket.remoteAddress,
    });
}

function serveInProcess(settings: VerifierSettings): Promise<number> {
  const verify = createRequestVerifier(settings);
  return listen(async (request, response) => {
    const result = await verify(request);
    if (result.isAllowed) response.writeHead(200, CONSTANT_HEADERS).end(CONSTANT_BODY);
    else response.writeHead(result.status).end(result.body);
  });
}

/** Serves an API as many are: each request reads one row, with the Pool of `pg`, and responds with it as JSON. */
function serveApi({ ordersUrl, orders, verifier }: ServerOptions & { kind: 'api' }): Promise<number> {
  const pool = new pg.Pool({ connectionString: ordersUrl });
  const verify = verifier && createRequestVerifier(verifier);
  return listen(async (request, response) => {
    const result = await verify?.(request);
    if (result && !result.isAllowed) {
      response.writeHead(result.status).end(result.body);
      return;
    }
    const id = Math.ceil(Math.random() * orders);
    const { rows } = await pool.query('select id, customer, total, created_at from orders where id = $1', [
      id,
    ]);
    const body = JSON.stringify(rows[0]);
    response
      .writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
      .end(body);
  });
}

function serve(options: ServerOptions): Promise<number> {
  if (options.kind === 'baseline') return serveBaseline();
  if (options.kind === 'in-process') return serveInProcess(options);
  if (options.kind === 'api') return serveApi(options);
  const { workers = 1 } = options;
  return workers > 1 && cluster.isPrimary ? servePool(workers) : serveVerifier(options);
}

/** Returns the CPU time in milliseconds of each process that serves requests. */
async function readCpuTimes(): Promise<number[]> {
  const workers = Object.values(cluster.workers ?? {}).flatMap((worker) => worker?.process ?? []);
  const ask = async (worker: (typeof workers)[number]) =>
    (await askProcess<number[]>(worker, 'cpu', CPU_TIMEOUT_MS)) ?? [];
  if (workers.length > 0) return (await Promise.all(workers.map(ask))).flat();
  const { user, system } = process.cpuUsage();
  return [(user + system) / 1_000];
}

const options: ServerOptions = JSON.parse(process.argv[2] ?? '');
process.on('disconnect', () => process.exit());
answerProcess(process, 'cpu', readCpuTimes);
answerProcess(process, 'memory', async () => process.memoryUsage());
// Otherwise, the pool would replace this worker.
process.on('message', ({ health }: { health?: true }) => health && process.send?.({ healthy: true }));
const port = await serve(options);
// `ready` is for the pool that has started this process, if any.
process.send?.({ port, ready: true });
