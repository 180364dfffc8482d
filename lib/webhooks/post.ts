import dns, { type LookupAddress } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { getHost, isAllowedIpAddress } from './url-policy.ts';

/** From the search for the address to the end of the response. */
const DEADLINE_MS = 10_000;
export const MAX_RESPONSE_BYTES = 64 * 1_024;
/** What the delivery log shows. Not cookies, for example, which may be secrets of the receiver. */
const SHOWN_HEADERS = ['content-type', 'date', 'location', 'retry-after', 'server', 'x-request-id'];

/** An endpoint's response to an attempt. `status` is null if there was none; `error` then says why. */
export type WebhookResponse = {
  durationMs: number;
  status: number | null;
  responseHeaders: Record<string, string>;
  responseBody: string;
  error: string | null;
};

/** An attempt that failed for a reason of our own. The message is shown to administrators. */
class AttemptError extends Error {}

const NO_RESPONSE = 'The connection was closed without a response.';
const PRIVATE_ADDRESS = 'The address belongs to a private network, which isn’t allowed.';

/**
 * Resolves a host name for a connection. The connection uses these addresses and no later answer, so that a name server
 * cannot give a public address to the check and a private one to the connection (DNS rebinding).
 */
const lookupAllowed: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, []);
    if (!addresses.every(({ address }) => isAllowedIpAddress(address)))
      return callback(new AttemptError(PRIVATE_ADDRESS), []);
    const [first] = addresses;
    if (options.all || !first) return callback(null, addresses);
    return callback(null, first.address, first.family);
  });
};

const CONNECTION_ERRORS: Record<string, string> = {
  ENOTFOUND: 'The host name has no address.',
  EAI_AGAIN: 'The host name couldn’t be resolved.',
  ECONNREFUSED: 'The connection was refused.',
  ECONNRESET: NO_RESPONSE,
  HPE_HEADER_OVERFLOW: 'The response’s headers are too large.',
};

/** Describes an error without its message, which may contain parts of the request. */
function describeError(error: unknown): string {
  if (error instanceof AttemptError) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return CONNECTION_ERRORS[code] ?? `The connection failed${code ? ` (${code})` : ''}.`;
}

/** Reads the beginning of a response's body. A body that is cut off does not matter: the status has arrived. */
async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= MAX_RESPONSE_BYTES) break;
    }
  } catch {
    // The receiver closed the connection, or the deadline has passed.
  }
  const text = Buffer.concat(chunks).subarray(0, MAX_RESPONSE_BYTES).toString('utf8');
  // PostgreSQL cannot store NUL.
  return text.replaceAll('\0', '\uFFFD');
}

function pickHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    SHOWN_HEADERS.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, String(value).slice(0, 500)]];
    }),
  );
}

type Options = { headers: Record<string, string>; body: string; signal: AbortSignal };

/** Sends the request, and returns the response once its headers have arrived. Follows no redirect. */
function request(url: URL, { headers, body, signal }: Options): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const client = url.protocol === 'https:' ? https : http;
  const sent = client.request(url, {
    method: 'POST',
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    lookup: lookupAllowed,
    // A connection of its own, because a shared one was opened for another host's address.
    agent: false,
    signal,
  });
  sent.on('response', resolve);
  sent.on('error', reject);
  // Also after a response that switches protocols, which is no error.
  sent.on('close', () => reject(new AttemptError(NO_RESPONSE)));
  sent.end(body);
  return promise;
}

/**
 * Sends a webhook to an endpoint, within 10 seconds in total. Reads at most 64 KB of the response.
 * @param deadlineMs replaced in tests
 */
export async function postWebhook(
  target: string,
  headers: Record<string, string>,
  body: string,
  deadlineMs = DEADLINE_MS,
): Promise<WebhookResponse> {
  const startedAt = performance.now();
  const url = new URL(target);
  const signal = AbortSignal.timeout(deadlineMs);
  const finish = (response: Partial<WebhookResponse>): WebhookResponse => ({
    durationMs: Math.round(performance.now() - startedAt),
    status: null,
    responseHeaders: {},
    responseBody: '',
    error: null,
    ...response,
  });
  // A connection to a literal address does not look it up.
  const host = getHost(url);
  if (isIP(host) && !isAllowedIpAddress(host)) return finish({ error: PRIVATE_ADDRESS });
  try {
    const response = await request(url, { headers, body, signal });
    const responseBody = await readBody(response);
    response.destroy();
    const status = response.statusCode ?? null;
    return finish({ status, responseHeaders: pickHeaders(response), responseBody });
  } catch (error) {
    const isLate = signal.aborted;
    return finish({
      error: isLate ? `There was no response within ${deadlineMs / 1_000} seconds.` : describeError(error),
    });
  }
}
