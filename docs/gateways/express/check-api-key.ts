import type { RequestHandler } from 'express';

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
 * Lets nobody through without a good key. Whose it is: `response.locals.apiAccount`, never a header, which anybody
 * can send. Goes before anything that reads the body.
 */
export const checkApiKey: RequestHandler = async (request, response, next) => {
  const answer = await ask({
    Authorization: request.get('Authorization'),
    'X-API-Key': request.get('X-API-Key'),
    'X-Forwarded-For': request.ip,
  });
  response.setHeaders(answer.headers);
  if (!answer.ok) {
    response.status(answer.status).end(await answer.text());
    return;
  }
  const { account }: { account: ApiAccount } = await answer.json();
  response.locals.apiAccount = account;
  next();
};
