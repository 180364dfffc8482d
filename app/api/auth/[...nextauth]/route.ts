import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { ownCookies } from '#lib/identity/sessions/cookies.ts';
import {
  claimedSessionId,
  clientAddress,
  currentUserForPolling,
  endSession,
  requireSameOrigin,
} from '#lib/identity/sessions/require-role.ts';
import { authOptions } from '#lib/identity/sign-in/auth-options.ts';
import { buildSsoErrorUrl } from '#lib/identity/sign-in/complete-sso.ts';
import { consumeSsoAttempt } from '#lib/identity/sign-in/rate-limits.ts';
import { storeReauthPending } from '#lib/identity/sign-in/sign-in-cookies.ts';
import type { SsoError } from '#lib/identity/sso/schema.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { databasePool } from '#lib/platform/database.ts';
import { log } from '#lib/platform/log.ts';

export const dynamic = 'force-dynamic';

type Context = { params: Promise<{ nextauth: string[] }> };

/** The endpoints of next-auth that signing in and out need. Its pages, session and log endpoints stay closed. */
const ALLOWED = new Set([
  'GET csrf',
  'GET providers',
  'POST callback/credentials',
  'POST callback/second-step',
  'POST callback/passkey',
  'POST signin/oidc',
  'POST signout',
]);
/** The provider redirects back here, with its response in the query. */
const CALLBACK = 'GET callback/oidc';
/** next-auth redirects here after an error. */
const ERRORS = new Set(['GET error', 'GET signin']);
const MAX_BODY_BYTES = 16_384;

/** Returns a response that next-auth/react reads as a failed sign-in with this `error`. */
function failedSignIn(status: number, error: string): Response {
  return Response.json({ url: `${settings().publicUrl}/sign-in?error=${error}` }, { status });
}

/** Accepts only a small form, as next-auth/react sends it. next-auth also parses JSON and throws if it is malformed. */
function isSmallForm({ headers }: NextRequest): boolean {
  const length = headers.get('content-length');
  const type = headers.get('content-type') ?? '';
  const isForm = type.startsWith('application/x-www-form-urlencoded');
  return isForm && length !== null && Number(length) <= MAX_BODY_BYTES;
}

function setsSession(response: Response): boolean {
  const { session } = ownCookies();
  return response.headers.getSetCookie().some((cookie) => cookie.startsWith(`${session}=`));
}

/** Ends the session in the database before responding; if that fails, the user stays signed in and sees an error. */
async function endSessionOf(response: Response): Promise<Response> {
  const sessionId = await claimedSessionId();
  if (!sessionId || !setsSession(response)) return response;
  try {
    await endSession(sessionId);
    return response;
  } catch (error) {
    log.error('sign_out.error', error);
    return failedSignIn(503, 'unavailable');
  }
}

/** Sends the browser to the error page: by the URL that next-auth/react reads from a POST, or by a redirect. */
async function redirectToError(reason: SsoError, isPost: boolean): Promise<Response> {
  const url = await buildSsoErrorUrl(reason);
  return isPost ? Response.json({ url }) : new Response(null, { status: 303, headers: { location: url } });
}

/** Handles the redirect to the provider and the callback. A callback without the state cookie did not begin here. */
async function handleSso(request: NextRequest, context: Context): Promise<Response> {
  const isPost = request.method === 'POST';
  if (!isPost && !request.cookies.has(ownCookies().state)) return redirectToError('over', isPost);
  const rateLimit = await consumeSsoAttempt(databasePool(), {
    address: await clientAddress(),
    isCallback: !isPost,
  }).catch(() => null);
  if (!rateLimit?.ok) return redirectToError(rateLimit ? 'throttled' : 'unavailable', isPost);
  const isReauth = isPost && (await currentUserForPolling()) !== null;
  if (isPost) await storeReauthPending(isReauth);
  return NextAuth(request, context, authOptions({ forceLogin: isReauth }));
}

async function handle(request: NextRequest, context: Context): Promise<Response> {
  const path = (await context.params).nextauth.join('/');
  const route = `${request.method} ${path}`;
  const isPost = request.method === 'POST';
  const hasProvider = settings().singleSignOn !== null;
  if (hasProvider && ERRORS.has(route)) return redirectToError('failed', isPost);
  if (hasProvider && route === CALLBACK) return handleSso(request, context);
  if (!ALLOWED.has(route) || request.nextUrl.search !== '') return new Response(null, { status: 404 });
  if (isPost && !(await requireSameOrigin()).ok) return failedSignIn(403, 'stale');
  if (isPost && !isSmallForm(request)) return new Response(null, { status: 400 });
  if (path === 'signin/oidc') {
    return hasProvider ? handleSso(request, context) : new Response(null, { status: 404 });
  }
  const response: Response = await NextAuth(request, context, authOptions());
  if (path === 'signout') return endSessionOf(response);
  // next-auth responds with 200 to a wrong CSRF token; without a session cookie, that is a failure.
  if (isPost && response.ok && !setsSession(response)) return failedSignIn(403, 'stale');
  return response;
}

export { handle as GET, handle as POST };
