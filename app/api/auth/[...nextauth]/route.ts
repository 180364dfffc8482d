import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { getCookieSettings } from '#lib/identity/sessions/cookies.ts';
import {
  endSession,
  peekCurrentUser,
  readClientIpAddress,
  readSessionId,
  requireSameOrigin,
} from '#lib/identity/sessions/require-role.ts';
import { getAuthOptions } from '#lib/identity/sign-in/auth-options.ts';
import { buildSsoErrorUrl, recordTokenRefusal } from '#lib/identity/sign-in/complete-sso.ts';
import { consumeSsoAttempt } from '#lib/identity/sign-in/rate-limits.ts';
import { storeReauthPending } from '#lib/identity/sign-in/sign-in-cookies.ts';
import type { SsoError } from '#lib/identity/sso/errors.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { publicDatabasePool } from '#lib/platform/database.ts';
import { logWebError } from '#lib/platform/http/log-web-error.ts';

export const dynamic = 'force-dynamic';

type RouteContext = { params: Promise<{ nextauth: string[] }> };

/** The endpoints that next-auth/react calls to sign in and out. */
const ALLOWED_ROUTES = new Set([
  'GET csrf',
  'GET providers',
  'POST callback/credentials',
  'POST callback/second-step',
  'POST callback/passkey',
  'POST signin/oidc',
  'POST signout',
]);
/** The provider redirects here, with its response in the query. */
const CALLBACK_ROUTE = 'GET callback/oidc';
/** next-auth redirects here after an error. */
const ERROR_ROUTES = new Set(['GET error', 'GET signin']);
const MAX_BODY_BYTES = 16_384;

/** Creates a response that next-auth/react reads as a failed sign-in or sign-out with this `error`. */
function createFailure(status: number, error: string): Response {
  return Response.json({ url: `${settings().publicUrl}/sign-in?error=${error}` }, { status });
}

/**
 * Returns whether the body is a small form, as next-auth/react sends it. next-auth also parses JSON and throws if it is
 * malformed.
 */
function isSmallForm({ headers }: NextRequest): boolean {
  const length = headers.get('content-length');
  const type = headers.get('content-type') ?? '';
  const isForm = type.startsWith('application/x-www-form-urlencoded');
  return isForm && length !== null && Number(length) <= MAX_BODY_BYTES;
}

/** Returns whether the response sets or deletes the session cookie. */
function setsSessionCookie(response: Response): boolean {
  const { session } = getCookieSettings();
  return response.headers.getSetCookie().some((cookie) => cookie.startsWith(`${session}=`));
}

/**
 * Ends the session in the database before the response deletes the cookie. If that fails, the user stays signed in and
 * sees an error.
 */
async function endSessionAtSignOut(response: Response): Promise<Response> {
  const sessionId = await readSessionId();
  if (!sessionId || !setsSessionCookie(response)) return response;
  try {
    await endSession(sessionId);
    return response;
  } catch (error) {
    logWebError('sign_out.error', error);
    return createFailure(503, 'unavailable');
  }
}

/** Sends the browser to the error page: by the URL that next-auth/react reads from a POST, or by a redirect. */
async function redirectToError(reason: SsoError, isPost: boolean): Promise<Response> {
  const url = await buildSsoErrorUrl(reason);
  return isPost ? Response.json({ url }) : new Response(null, { status: 303, headers: { location: url } });
}

/**
 * Handles the redirect to the provider (POST) and its callback (GET). Without the state cookie, the sign-in has expired
 * or started in another browser.
 */
async function handleSso(request: NextRequest, context: RouteContext): Promise<Response> {
  const isPost = request.method === 'POST';
  if (!isPost && !request.cookies.has(getCookieSettings().state)) return redirectToError('expired', isPost);
  const rateLimit = await consumeSsoAttempt(publicDatabasePool(), {
    ipAddress: await readClientIpAddress(),
    isCallback: !isPost,
  }).catch(() => null);
  if (!rateLimit?.ok) return redirectToError(rateLimit ? 'rate_limited' : 'unavailable', isPost);
  // A signed-in user re-authenticates. Starting that is not activity, so it does not mark the session as seen.
  const isReauth = isPost && (await peekCurrentUser()) !== null;
  if (isPost) await storeReauthPending(isReauth);
  const refusals: SsoError[] = [];
  const onTokenRefused = (reason: SsoError) => void refusals.push(reason);
  const response: Response = await NextAuth(
    request,
    context,
    getAuthOptions({ forceLogin: isReauth, onTokenRefused }),
  );
  const [refusal] = refusals;
  if (!refusal) return response;
  await recordTokenRefusal(refusal).catch((error: unknown) => logWebError('sso.error', error));
  return redirectToError(refusal, isPost);
}

async function handleRequest(request: NextRequest, context: RouteContext): Promise<Response> {
  const path = (await context.params).nextauth.join('/');
  const route = `${request.method} ${path}`;
  const isPost = request.method === 'POST';
  const hasProvider = settings().singleSignOn !== null;
  if (hasProvider && ERROR_ROUTES.has(route)) return redirectToError('failed', isPost);
  if (hasProvider && route === CALLBACK_ROUTE) return handleSso(request, context);
  if (!ALLOWED_ROUTES.has(route) || request.nextUrl.search !== '') return new Response(null, { status: 404 });
  if (isPost && !(await requireSameOrigin()).ok) return createFailure(403, 'stale');
  if (isPost && !isSmallForm(request)) return new Response(null, { status: 400 });
  if (path === 'signin/oidc') {
    return hasProvider ? handleSso(request, context) : new Response(null, { status: 404 });
  }
  const response: Response = await NextAuth(request, context, getAuthOptions());
  if (path === 'signout') return endSessionAtSignOut(response);
  // next-auth responds with 200 to a wrong CSRF token, but sets no session cookie.
  if (isPost && response.ok && !setsSessionCookie(response)) return createFailure(403, 'stale');
  return response;
}

export { handleRequest as GET, handleRequest as POST };
