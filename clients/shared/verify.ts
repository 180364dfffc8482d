/** The API account of a valid key. */
export type ApiAccount = { id: string; username: string; scopes: string[] };

/** The account and headers to add to your response; or, if the request must be rejected, the response to send. */
export type Verification =
  | { isAllowed: true; account: ApiAccount; headers: Headers }
  | { isAllowed: false; response: Response };

const DEFAULT_VERIFIER = 'http://127.0.0.1:3001/verify';
/** Slightly longer than the verifier's own timeout. */
const TIMEOUT_MS = 3_000;
/** The verifier's rejections, which the client may see. 431: the key is too long. */
const REJECTIONS = [401, 403, 429, 431, 503];
const RATE_LIMIT_HEADERS = ['ratelimit', 'ratelimit-policy'];
const REJECTION_HEADERS = [
  ...RATE_LIMIT_HEADERS,
  'cache-control',
  'content-type',
  'retry-after',
  'www-authenticate',
];

const selectHeaders = ({ headers }: Response, names: string[]) =>
  new Headers([...headers].filter(([name]) => names.includes(name)));

/**
 * Reads the account from the verifier's response to a valid key.
 * @throws if the response is not the verifier's, such as a proxy's page with status 200
 */
async function readAccount(response: Response): Promise<ApiAccount> {
  const { account, scopes } = (await response.json()) as {
    account: Omit<ApiAccount, 'scopes'>;
    scopes: string[];
  };
  const { id, username } = account;
  const isExpected = typeof id === 'string' && typeof username === 'string' && Array.isArray(scopes);
  if (!isExpected || response.headers.get('X-API-Account-Id') !== id)
    throw new Error('The response is not from the verifier.');
  return { id, username, scopes };
}

function createUnavailableResponse(): Response {
  const title = 'The API key cannot be checked right now.';
  const problem = { type: 'urn:stagedoor:problem:unavailable', title, status: 503, code: 'unavailable' };
  const headers = {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    'Retry-After': '1',
  };
  return Response.json(problem, { status: 503, headers });
}

/**
 * Asks the verifier whether a request is allowed. Fails closed: if the verifier is down, too slow or responds with
 * anything unexpected, the result is a response with status 503.
 * @param clientHeaders the headers with the key, and `X-Forwarded-For` with the client's IP address; no others
 * @param requiredScope a scope that the account must have; undefined: none
 */
export async function verify(
  clientHeaders: Record<string, string | null | undefined>,
  requiredScope?: string,
  { timeoutMs = TIMEOUT_MS } = {},
): Promise<Verification> {
  try {
    const url = new URL(process.env.STAGEDOOR_VERIFIER ?? DEFAULT_VERIFIER);
    if (requiredScope !== undefined) url.searchParams.set('scope', requiredScope);
    const headers = new Headers();
    for (const [name, value] of Object.entries(clientHeaders)) if (value) headers.set(name, value);
    // The timeout applies to the body, too.
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { headers, redirect: 'error', signal });
    if (response.status === 200) {
      const account = await readAccount(response);
      return { isAllowed: true, account, headers: selectHeaders(response, RATE_LIMIT_HEADERS) };
    }
    const body = await response.arrayBuffer();
    if (REJECTIONS.includes(response.status)) {
      const { status } = response;
      const forwarded = selectHeaders(response, REJECTION_HEADERS);
      return { isAllowed: false, response: new Response(body, { status, headers: forwarded }) };
    }
  } catch {
    // The verifier is down, too slow, or behind a proxy that responds instead. Fail closed.
  }
  return { isAllowed: false, response: createUnavailableResponse() };
}
