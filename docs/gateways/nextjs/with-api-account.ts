type ApiAccount = { id: string; username: string; scopes: string[] };

const VERIFIER = process.env.STAGEDOOR_VERIFIER ?? 'http://127.0.0.1:3001/verify';
/** Slightly longer than the verifier's own timeout. */
const TIMEOUT_MS = 3_000;
const RATE_LIMIT_HEADERS = ['ratelimit', 'ratelimit-policy'];
const ERROR_HEADERS = [
  ...RATE_LIMIT_HEADERS,
  'cache-control',
  'content-type',
  'retry-after',
  'www-authenticate',
];

/** Returns the verifier's response with the headers that the client may see; 503 if it is missing or unexpected. */
async function verify(
  clientHeaders: Record<string, string | null | undefined>,
  requiredScope?: string,
): Promise<Response> {
  try {
    const url = new URL(VERIFIER);
    if (requiredScope !== undefined) url.searchParams.set('scope', requiredScope);
    const headers = new Headers();
    for (const [name, value] of Object.entries(clientHeaders)) if (value) headers.set(name, value);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { headers, redirect: 'error', signal });
    const body = await response.arrayBuffer();
    const isValid = response.status === 200 && response.headers.has('X-API-Account-Id');
    if (isValid || [401, 403, 429, 431, 503].includes(response.status)) {
      const allowed = isValid ? RATE_LIMIT_HEADERS : ERROR_HEADERS;
      const forwarded = [...response.headers].filter(([name]) => allowed.includes(name));
      return new Response(body, { status: response.status, headers: forwarded });
    }
  } catch {
    // The verifier is down or too slow. Fail closed: reject the request.
  }
  const title = 'The API key cannot be checked right now.';
  const problem = { type: 'urn:stagedoor:problem:unavailable', title, status: 503, code: 'unavailable' };
  const headers = {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    'Retry-After': '1',
  };
  return Response.json(problem, { status: 503, headers });
}

/** Reads the account from the verifier's response to a valid key. */
async function readAccount(verification: Response): Promise<ApiAccount> {
  const { account, scopes } = await verification.json();
  return { ...account, scopes };
}

/**
 * Creates a route handler that rejects requests without a valid key. The key's account is the handler's second
 * argument. Never read it from a header, which every client can send. Do not use this for CORS preflights, which a browser
 * sends without the key.
 * @param requiredScope a scope that the account must have; undefined: none
 */
export function withApiAccount<Context>(
  handle: (request: Request, account: ApiAccount, context: Context) => Response | Promise<Response>,
  requiredScope?: string,
): (request: Request, context: Context) => Promise<Response> {
  return async (request, context) => {
    const verification = await verify(
      {
        Authorization: request.headers.get('Authorization'),
        'X-API-Key': request.headers.get('X-API-Key'),
        // Next.js does not know the client's IP address. A proxy in front of it must set this header, because a client
        // can forge it.
        'X-Forwarded-For': request.headers.get('X-Forwarded-For'),
      },
      requiredScope,
    );
    if (!verification.ok) return verification;
    const response = await handle(request, await readAccount(verification), context);
    const responseWithLimits = new Response(response.body, response);
    for (const [name, value] of verification.headers) responseWithLimits.headers.set(name, value);
    return responseWithLimits;
  };
}
