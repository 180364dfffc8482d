import { findDatabaseUrlProblem } from '../../db/database-url.ts';
import type { Account } from '../../lib/verifier/lookup.ts';
import {
  createInvalidKeyResponse,
  formatRateLimitHeaders,
  type HttpResponse,
  UNAVAILABLE_RESPONSE,
} from '../../lib/verifier/responses.ts';
import { parseScopeList } from '../../lib/verifier/scope-list.ts';
import { VERIFIER_TIMING } from '../../lib/verifier/timing.ts';
import { Verification, type VerifiedRequest } from '../../lib/verifier/verification.ts';

/** Give every verifier of an installation the same values: those of the settings with similar names. */
export type VerifierOptions = {
  /** DATABASE_URL. The database may be unreachable at the start: results are 503 until it is available. */
  databaseUrl: string;
  /** VERIFIER_DATABASE_URL: a synchronous standby in which keys are looked up. Default: `databaseUrl`. */
  lookupDatabaseUrl?: string;
  /** ORGANISATION_NAME, for `WWW-Authenticate`. Default: `Stagedoor`. */
  organisationName?: string;
  /** API_KEY_TAG. Default: `stagekey`. */
  apiKeyTag?: string;
  /** REQUESTS_PER_MINUTE, for accounts without a limit of their own. Default: no limit. */
  requestsPerMinute?: number;
  /** UNKNOWN_KEYS_PER_MINUTE: how many unknown keys an IP address may try per minute in this process. Default: 300. */
  unknownKeysPerMinute?: number;
};

/** The values of one header, as in `headersDistinct` of Node.js's requests, which shows whether it was sent twice. */
type HeaderValues = string | readonly string[] | null | undefined;

export type VerifyInput = {
  /** The header `Authorization`. */
  authorization?: HeaderValues;
  /** The header `X-API-Key`. */
  apiKey?: HeaderValues;
  /** The client's IP address. Without one, accounts that are limited to networks are refused. */
  ip: string | null | undefined;
  /** Scopes that the account must have. */
  scopes?: readonly string[];
};

/** The API account of a valid key. */
export type ApiAccount = { id: string; username: string; scopes: string[] };

export type AllowedRequest = {
  isAllowed: true;
  account: ApiAccount;
  /** `expiresAt`: when the key ends at the latest (RFC 3339); null if it has no end. */
  key: { status: 'current' | 'previous'; expiresAt: string | null };
  /** Names and values to add to your response: `RateLimit` and `RateLimit-Policy`, if the account has a limit. */
  headers: [name: string, value: string][];
};

/** The response that you must send. */
export type RefusedRequest = {
  isAllowed: false;
  status: number;
  /** The `code` of the problem, such as `invalid_key`. */
  code: string;
  /** Names and values; a name may occur twice. */
  headers: [name: string, value: string][];
  /** Problem details (RFC 9457). */
  body: string;
};

export type Verifier = {
  /** Verifies a request. Never rejects: if the database cannot be queried, the result is a 503. */
  verify(input: VerifyInput): Promise<AllowedRequest | RefusedRequest>;
  /** Whether the database responds. */
  isReady(): Promise<boolean>;
  /** Writes the remaining usage counts, for some seconds at most, and closes the database connections. */
  close(): Promise<void>;
};

function formatPairs(headers: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < headers.length; index += 2)
    pairs.push([headers[index] ?? '', headers[index + 1] ?? '']);
  return pairs;
}

function createAllowed(account: Account, rateLimit: Parameters<typeof formatRateLimitHeaders>[0] | null) {
  const { id, username, scopes, organisationScopes, isPreviousKey, keyExpiresAt } = account;
  const allowed: AllowedRequest = {
    isAllowed: true,
    account: { id, username, scopes: [...parseScopeList(scopes ?? organisationScopes ?? '').names] },
    key: { status: isPreviousKey ? 'previous' : 'current', expiresAt: keyExpiresAt },
    headers: rateLimit ? formatPairs(formatRateLimitHeaders(rateLimit)) : [],
  };
  return allowed;
}

function createRefused({ status, headers, body }: HttpResponse): RefusedRequest {
  return { isAllowed: false, status, code: JSON.parse(body).code, headers: formatPairs(headers), body };
}

function listHeader(name: string, values: HeaderValues): string[] {
  if (typeof values === 'string') return [name, values];
  return (values ?? []).flatMap((value) => [name, value]);
}

const createRequest = ({ authorization, apiKey, ip }: VerifyInput): VerifiedRequest => ({
  rawHeaders: [...listHeader('authorization', authorization), ...listHeader('x-api-key', apiKey)],
  socket: { remoteAddress: ip ?? undefined },
  headers: {},
  headersDistinct: {},
});

/**
 * Creates a verifier in this process, which decides as the verifier's HTTP interface does, with the same code. Opens six
 * connections to the database. Create one for the process, and close it at the end.
 * @throws if the database's URL is not valid
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const { databaseUrl, lookupDatabaseUrl = databaseUrl } = options;
  for (const url of [databaseUrl, lookupDatabaseUrl]) {
    const problem = findDatabaseUrlProblem(url);
    if (problem) throw new TypeError(`The database's URL ${problem}`);
  }
  const verification = new Verification<AllowedRequest>({
    databaseUrl,
    lookupDatabaseUrl,
    apiKeyTag: options.apiKeyTag ?? 'stagekey',
    requestsPerMinute: options.requestsPerMinute ?? null,
    unknownKeysPerMinute: options.unknownKeysPerMinute ?? 300,
    // The caller says what the client's IP address is.
    trustedProxies: 0,
    invalidKeyResponse: createInvalidKeyResponse(options.organisationName ?? 'Stagedoor'),
    createAllowed,
    metrics: { recordResponse() {}, recordBatch() {}, recordConnectionError() {} },
    timing: VERIFIER_TIMING,
  });
  return {
    verify: (input) =>
      new Promise((resolve) => {
        const parameters = { scopes: input.scopes ?? [], isTest: false };
        const onResult = (result: AllowedRequest | HttpResponse) =>
          resolve('isAllowed' in result ? result : createRefused(result));
        try {
          verification.verify(createRequest(input), parameters, onResult);
        } catch {
          resolve(createRefused(UNAVAILABLE_RESPONSE));
        }
      }),
    isReady: () => new Promise((resolve) => verification.checkReadiness(resolve)),
    close: () => verification.close(),
  };
}
