import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { ownCookies } from '#lib/identity/sessions/cookies.ts';
import { requireSameOrigin } from '#lib/identity/sessions/require-role.ts';
import {
  claimedSessionId,
  clientAddress,
  currentUserForPolling,
  endSession,
  storeReauthPending,
} from '#lib/identity/sessions/session.ts';
import { ssoErrorPage } from '#lib/identity/sign-in/authorize-at-provider.ts';
import { authOptions } from '#lib/identity/sign-in/config.ts';
import { consumeSsoAttempt } from '#lib/identity/sign-in/rate-limits.ts';
import type { SsoError } from '#lib/identity/sso/schema.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { databasePool } from '#lib/platform/database.ts';
import { log } from '#lib/platform/log.ts';

export const dynamic = 'force-dynamic';

type Context = { params: Promise<{ nextauth: string[] }> };

/** What of next-auth is open: what signing in and out need. Its pages, session and log endpoints are not. */
const OPEN = new Set([
  'GET csrf',
  'GET providers',
  'POST callback/credentials',
  'POST callback/second-step',
  'POST callback/passkey',
  'POST signin/oidc',
  'POST signout',
]);
/** The ways back from the provider, to which it adds what it answers; and where next-auth leads when that went wrong. */
const BACK = 'GET callback/oidc';
const WENT_WRONG = new Set(['GET error', 'GET signin']);
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
  const { session } = ownCookies();
  return answer.headers.getSetCookie().some((cookie) => cookie.startsWith(`${session}=`));
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

/** Where the browser is to go: as next-auth/react reads it after its own request, or by a redirect. */
async function leadToError(reason: SsoError, isPost: boolean): Promise<Response> {
  const url = await ssoErrorPage(reason);
  return isPost ? Response.json({ url }) : new Response(null, { status: 303, headers: { location: url } });
}

/** On the way to the provider and back. Only who began here comes back: without its cookie nothing is asked of anybody. */
async function handleSignOn(request: NextRequest, context: Context): Promise<Response> {
  const isPost = request.method === 'POST';
  if (!isPost && !request.cookies.has(ownCookies().state)) return leadToError('over', isPost);
  const turn = await consumeSsoAttempt(databasePool(), {
    address: await clientAddress(),
    back: !isPost,
  }).catch(() => null);
  if (!turn?.ok) return leadToError(turn ? 'throttled' : 'unavailable', isPost);
  const anew = isPost && (await currentUserForPolling()) !== null;
  if (isPost) await storeReauthPending(anew);
  return NextAuth(request, context, authOptions({ anew }));
}

async function handle(request: NextRequest, context: Context): Promise<Response> {
  const path = (await context.params).nextauth.join('/');
  const route = `${request.method} ${path}`;
  const isPost = request.method === 'POST';
  const hasProvider = settings().singleSignOn !== null;
  if (hasProvider && WENT_WRONG.has(route)) return leadToError('failed', isPost);
  if (hasProvider && route === BACK) return handleSignOn(request, context);
  if (!OPEN.has(route) || request.nextUrl.search !== '') return new Response(null, { status: 404 });
  if (isPost && !(await requireSameOrigin()).ok) return failure(403, 'stale');
  if (isPost && !isSmallForm(request)) return new Response(null, { status: 400 });
  if (path === 'signin/oidc') {
    return hasProvider ? handleSignOn(request, context) : new Response(null, { status: 404 });
  }
  const answer: Response = await NextAuth(request, context, authOptions());
  if (path === 'signout') return signedOut(answer);
  // next-auth answers 200 to a wrong CSRF token; without a session in it, that is no success.
  if (isPost && answer.ok && !setsSession(answer)) return failure(403, 'stale');
  return answer;
}

export { handle as GET, handle as POST };
