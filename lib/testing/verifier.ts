import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { digestKey, generateKey } from '#lib/api-keys/api-key.ts';
import { startVerifier, type Verifier, type VerifierOptions } from '#lib/verifier/server.ts';
import type { CountedRequest } from '#lib/verifier/usage-counter.ts';

export const KEY_TAG = 'stagekey';

export type VerifierResponse = { status: number; headers: IncomingHttpHeaders; body: string };
export type RequestOptions = {
  headers?: Record<string, string | string[]>;
  path?: string;
  method?: string;
  agent?: Agent;
  signal?: AbortSignal;
};

/** Starts a verifier on a free local port. */
export function startTestVerifier(
  databaseUrl: string,
  options: Partial<VerifierOptions> = {},
): Promise<Verifier> {
  const defaults = { port: 0, host: '127.0.0.1', organisationName: 'X', apiKeyTag: KEY_TAG };
  return startVerifier({ ...defaults, databaseUrl, ...options });
}

/** Sends one request, on a new connection unless an agent is given. */
export function requestVerifier(
  port: number,
  { path = '/verify', ...options }: RequestOptions = {},
): Promise<VerifierResponse> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, agent: false, ...options });
    request.on('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      text(response).then((body) => resolve({ status, headers, body }), reject);
    });
    request.on('error', reject);
    request.end();
  });
}

export type Load = {
  /** Resolves after the given number of further responses. */
  waitForResponses(count: number): Promise<void>;
  stop(): Promise<void>;
};

/** Sends requests continuously on some connections, with the keys in turn, until `stop` is called. */
export function generateLoad(
  port: number,
  {
    keys,
    connections,
    onResponse,
  }: { keys: string[]; connections: number; onResponse(response: VerifierResponse, key: string): void },
): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let isRunning = true;
  let waiter = { count: 0, resolve: () => {} };
  const sendOnConnection = async (index: number) => {
    for (let count = index; isRunning; count += 1) {
      const key = keys[count % keys.length] ?? '';
      onResponse(await requestVerifier(port, { agent, headers: { 'X-API-Key': key } }), key);
      waiter.count -= 1;
      if (waiter.count === 0) waiter.resolve();
    }
  };
  const connectionsStopped = Promise.all(
    Array.from({ length: connections }, (_, index) => sendOnConnection(index)),
  );
  const waitForResponses = async (count: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiter = { count, resolve };
    await Promise.race([promise, connectionsStopped]);
  };
  const stop = async () => {
    isRunning = false;
    await connectionsStopped.finally(() => agent.destroy());
  };
  return { waitForResponses, stop };
}

/** Inserts an account that has a key but no reveal. */
export async function insertAccountWithKey(
  pool: pg.Pool,
  { requestsPerMinute = null, active = true }: { requestsPerMinute?: number | null; active?: boolean } = {},
): Promise<{ id: string; username: string; key: string }> {
  const id = uuidv7();
  const username = `Company ${id}`;
  const key = generateKey(KEY_TAG);
  await pool.query(
    `insert into api_accounts (id, username, username_folded, email, phone, key_digest, requests_per_minute, active)
     values ($1, $2, lower($2), 'it@example.com', '+447894123456', $3, $4, $5)`,
    [id, username, digestKey(key), requestsPerMinute, active],
  );
  return { id, username, key };
}

/** Creates a request for the usage counter that arrives now. */
export function createCountedRequest(
  ipAddress?: string,
  { digest = '1', isTest = false }: { digest?: string; isTest?: boolean } = {},
): CountedRequest {
  const request = { socket: { remoteAddress: ipAddress }, headers: {}, headersDistinct: {} };
  return { request, digest, arrivedAt: performance.now(), parameters: { isTest } };
}
