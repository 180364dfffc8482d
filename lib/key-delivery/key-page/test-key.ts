import { z } from 'zod';
import type { Database } from '#db/client.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';
import { readNow } from './first-request.ts';
import type { KeyTestResult, VerifierResponse } from './schema.ts';
import { readShownKey } from './shown-key.ts';

const TESTS_PER_KEY = { name: 'key-test', points: 20, seconds: 10 * 60 } as const;
/** The verifier responds within 2.5 seconds, even without a database. */
const TIMEOUT_MS = 5_000;
/** The verifier's responses have a few hundred bytes. */
const MAX_BODY_BYTES = 8_192;
/** The headers that the page shows, as the verifier spells them. */
const SHOWN_HEADERS = [
  'Content-Type',
  'X-API-Account-Id',
  'X-API-Account',
  'X-API-Scopes',
  'RateLimit-Policy',
  'RateLimit',
  'Retry-After',
];
const MEDIA_TYPE = /^application\/(problem\+)?json\b/;

const accountSchema = z.looseObject({ account: z.looseObject({ id: z.string(), username: z.string() }) });
const problemSchema = z.looseObject({ title: z.string(), status: z.number(), code: z.string() });

/** Reads a body up to `MAX_BODY_BYTES`; null if it is longer. */
async function readBody(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Parses a response that only a verifier sends. With a wrong VERIFIER_URL, the page must not show what another service of
 * the organisation's network responds.
 * @throws if another service responded
 */
async function parseResponse(response: Response): Promise<VerifierResponse> {
  const { status, headers } = response;
  const body = MEDIA_TYPE.test(headers.get('content-type') ?? '') ? await readBody(response) : null;
  const schema = status === 200 ? accountSchema : problemSchema;
  if (body === null || !schema.safeParse(parseJson(body)).success)
    throw new Error(`the response is not a verifier's: status ${status}`);
  const shown = SHOWN_HEADERS.flatMap((name): [string, string][] => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return { status, headers: shown, body };
}

type Credentials = { username: string; key: string };

async function askVerifier(
  { username, key }: Credentials,
  { ipAddress, timeoutMs }: { ipAddress: string; timeoutMs: number },
): Promise<VerifierResponse> {
  const credentials = Buffer.from(`${username}:${key}`, 'utf8').toString('base64');
  // A test is not the first use of the key, which may end the old one.
  const response = await fetch(`${settings().verifierUrl}/verify?test=true`, {
    // A verifier that trusts proxies takes web for one.
    headers: { Authorization: `Basic ${credentials}`, 'X-Forwarded-For': ipAddress },
    // Sends the key nowhere else.
    redirect: 'error',
    cache: 'no-store',
    signal: AbortSignal.timeout(timeoutMs),
  });
  return parseResponse(response);
}

/** Describes an error without its request, which contains the key. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return code || `${error.name}: ${error.message}`;
}

/**
 * Sends the key that a page shows to the verifier, and returns its response. The verifier counts it as a request of the
 * account, but not as the first use of the key, which may end the old one. Only the page that the key was shown to may do
 * that, and only with its account's username, because many verifiers can be reached by the organisation's gateway only.
 * @param ipAddress the client's
 */
export async function testKey(
  database: Database,
  { pageToken, key }: { pageToken: string; key: string },
  { ipAddress, timeoutMs = TIMEOUT_MS }: { ipAddress: string; timeoutMs?: number },
): Promise<KeyTestResult> {
  const shownKey = await readShownKey(database, pageToken);
  if (!shownKey) return { ok: false, reason: 'invalid_link' };
  const rateLimit = await createRateLimiter(database.$client, TESTS_PER_KEY).consume(shownKey.revealId);
  if (!rateLimit.ok) return { ...rateLimit, reason: 'rate_limited' };
  const { username } = shownKey;
  const response = await askVerifier({ username, key }, { ipAddress, timeoutMs }).catch((error: unknown) => {
    log.warn('key_test.failed', { reason: describeError(error) });
    return null;
  });
  const testedAt = await readNow(database);
  return response
    ? { ok: true, response, testedAt }
    : { ok: false, reason: 'verifier_unavailable', testedAt };
}
