type ApiAccount = { id: string; username: string };

const VERIFIER = process.env.STAGEDOOR_VERIFIER ?? 'http://127.0.0.1:3001/verify';
/** A little longer than the verifier itself may take. */
const LONGEST_MS = 3_000;
const LIMITS = ['ratelimit', 'ratelimit-policy'];
const REFUSAL = [...LIMITS, 'cache-control', 'content-type', 'retry-after', 'www-authenticate'];

/** What the verifier says, with those of its headers that are for the client. Where it says nothing: 503. */
async function ask(asked: Record<string, string | null | undefined>): Promise<Response> {
  try {
    const headers = new Headers();
    for (const [name, value] of Object.entries(asked)) if (value) headers.set(name, value);
    const signal = AbortSignal.timeout(LONGEST_MS);
    const answer = await fetch(VERIFIER, { headers, redirect: 'error', signal });
    const body = await answer.arrayBuffer();
    const isGood = answer.status === 200 && answer.headers.has('X-API-Account-Id');
    if (isGood || [401, 403, 429, 503].includes(answer.status)) {
      const told = [...answer.headers].filter(([name]) => (isGood ? LIMITS : REFUSAL).includes(name));
      return new Response(body, { status: answer.status, headers: told });
    }
  } catch {
    // It is gone, or takes too long. Nobody is let through unchecked.
  }
  const title = 'The key cannot be checked at the moment.';
  const problem = { type: 'urn:stagedoor:problem:unavailable', title, status: 503, code: 'unavailable' };
  const headers = {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    'Retry-After': '1',
  };
  return Response.json(problem, { status: 503, headers });
}

/**
 * Makes a route handler that lets nobody through without a good key. Whose it is: the handler's second argument, never
 * a header, which anybody can send.
 */
export function withApiAccount<Context>(
  handle: (request: Request, account: ApiAccount, context: Context) => Response | Promise<Response>,
): (request: Request, context: Context) => Promise<Response> {
  return async (request, context) => {
    const answer = await ask({
      Authorization: request.headers.get('Authorization'),
      'X-API-Key': request.headers.get('X-API-Key'),
      // Next.js does not say where a connection comes from; the proxy in front of it does.
      'X-Forwarded-For': request.headers.get('X-Forwarded-For'),
    });
    if (!answer.ok) return answer;
    const { account }: { account: ApiAccount } = await answer.json();
    const response = await handle(request, account, context);
    const limited = new Response(response.body, response);
    for (const [name, value] of answer.headers) limited.headers.set(name, value);
    return limited;
  };
}
