import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { authOptions } from '#lib/auth/config.ts';
import { SESSION_COOKIE } from '#lib/auth/cookies.ts';
import { requireSameOrigin } from '#lib/auth/require-role.ts';
import { claimedSessionId, endSession } from '#lib/auth/session.ts';
import { log } from '#lib/log.ts';
import { settings } from '#lib/settings.ts';

export const dynamic = 'force-dynamic';

type Context = { params: Promise<{ nextauth: string[] }> };

/** What of next-auth is open: what signing in and out need. Its pages, session and log endpoints are not. */
const OPEN = new Set([
  'GET csrf',
  'GET providers',
  'POST callback/credentials',
  'POST callback/second-step',
  'POST callback/passkey',
  'POST signout',
]);
const LARGEST_BODY = 16_384;

/** An answer that next-auth/react reads as a failed sign-in with this `error`. */
function failure(status: number, error: string): Response {
  return Response.json({ url: `${settings().publicUrl}/sign-in?error=${error}` }, { status });
}

/** A small form, as next-auth/react sends it. next-auth would take JSON too, and throw where it is malformed. */
function isSmallForm({ headers }: NextRequest): boolean {
  const length = headers.get('content-length');
  const type = headers.get('content-type') ?? '';
  const isForm = type.startsWith('application/x-www-form-urlencoded');
  return isForm && length !== null && Number(length) <= LARGEST_BODY;
}

function setsSession(answer: Response): boolean {
  return answer.headers.getSetCookie().some((cookie) => cookie.startsWith(`${SESSION_COOKIE}=`));
}

/** Ends the row before the browser is told: where that fails, the person is still signed in and learns it. */
async function signedOut(answer: Response): Promise<Response> {
  const sessionId = await claimedSessionId();
  if (!sessionId || !setsSession(answer)) return answer;
  try {
    await endSession(sessionId);
    return answer;
  } catch (error) {
    log.error('sign_out', error);
    return failure(503, 'unavailable');
  }
}

async function handle(request: NextRequest, context: Context): Promise<Response> {
  const path = (await context.params).nextauth.join('/');
  const isPost = request.method === 'POST';
  if (!OPEN.has(`${request.method} ${path}`) || request.nextUrl.search !== '') {
    return new Response(null, { status: 404 });
  }
  if (isPost && !(await requireSameOrigin()).ok) return failure(403, 'stale');
  if (isPost && !isSmallForm(request)) return new Response(null, { status: 400 });
  const answer: Response = await NextAuth(request, context, authOptions());
  if (path === 'signout') return signedOut(answer);
  // next-auth answers 200 to a wrong CSRF token; without a session in it, that is no success.
  if (isPost && answer.ok && !setsSession(answer)) return failure(403, 'stale');
  return answer;
}

export { handle as GET, handle as POST };
