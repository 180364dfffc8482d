import type pg from 'pg';
import { SSO_LIMIT_SECONDS } from '#lib/identity/sso/errors.ts';
import { foldEmail } from '#lib/identity/users/fold-email.ts';
import { getIpAddressBlock } from '#lib/platform/http/ip-address.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';

const QUARTER_HOUR = 15 * 60;
/** Many users may share an IP address, such as that of an office or a proxy. */
const IP_ADDRESS = { name: 'sign-in-address', points: 50, seconds: QUARTER_HOUR };
const USER_AT_IP_ADDRESS = { name: 'sign-in-account-at-address', points: 10, seconds: QUARTER_HOUR };
/** Limits guesses from many IP addresses. Does not apply at known ones, so that an attacker cannot lock the user out there. */
const USER = { name: 'sign-in-account', points: 50, seconds: 60 * 60 };
/** A passkey cannot be guessed, but each attempt uses CPU time and the database. Many users may share an IP address. */
const PASSKEY = { name: 'sign-in-passkey-answer', points: 100, seconds: 10 * 60 };
/**
 * A correct password refunds its attempt, so starting a second step has its own limit: each inserts a row and an audit
 * event.
 */
const SECOND_STEP = { name: 'second-step', points: 20, seconds: QUARTER_HOUR };
/**
 * Limit starts and callbacks of single sign-on: each sends the provider a request, and an attacker can forge the cookie of
 * the callback.
 */
const SSO_START = { name: 'single-sign-on', points: 200, seconds: SSO_LIMIT_SECONDS };
const SSO_CALLBACK = { name: 'single-sign-on-back', points: 400, seconds: SSO_LIMIT_SECONDS };
/**
 * Limit challenges, each of which inserts a row: per IP address while the user is not known yet, then per sign-in or
 * user.
 */
const PASSKEY_START = { name: 'sign-in-passkey', points: 100, seconds: 10 * 60 };
const PASSKEY_START_SECOND_STEP = { name: 'second-step-passkey', points: 20, seconds: 10 * 60 };
const PASSKEY_START_REAUTH = { name: 'proof-passkey', points: 20, seconds: 10 * 60 };
/** Limits nothing: the row stores for 30 days that a user has signed in from an IP address. */
const KNOWN_IP_ADDRESS = { name: 'sign-in-known', points: 1, seconds: 30 * 24 * 60 * 60 };

/** The email address of the user whom a sign-in is for, and the IP address that it comes from. */
type SignInSource = { email: string; ipAddress: string };

export type Attempt = {
  ok: true;
  /** Whether the user has signed in from this IP address within 30 days. */
  isKnownIpAddress: boolean;
  /**
   * Refunds the attempt. Call it if nothing was checked, or if the password or the passkey was correct and the user can
   * continue.
   */
  refund(): Promise<void>;
};

/** Returns the rate-limit key of a user at one IP address. */
export const getUserAtIpAddressKey = ({ email, ipAddress }: SignInSource) =>
  JSON.stringify([foldEmail(email), getIpAddressBlock(ipAddress)]);

/** Stores for the next 30 days that this user has signed in or re-authenticated from this IP address. */
export async function rememberSignIn(pool: pg.Pool, source: SignInSource): Promise<void> {
  await createRateLimiter(pool, KNOWN_IP_ADDRESS).restart(getUserAtIpAddressKey(source));
}

/**
 * Consumes one attempt to sign in with a passkey alone, per IP address.
 * @throws if the database cannot be queried
 */
export async function consumePasskeyAttempt(
  pool: pg.Pool,
  ipAddress: string,
): Promise<Pick<Attempt, 'ok' | 'refund'> | { ok: false; retryAfterSeconds: number }> {
  const limiter = createRateLimiter(pool, PASSKEY);
  const key = getIpAddressBlock(ipAddress);
  const result = await limiter.consume(key);
  return result.ok ? { ok: true, refund: () => limiter.refund(key) } : result;
}

/** The client that requests a challenge. A pending sign-in has a limit of its own, which other clients cannot use up. */
type ChallengeRequester = { ipAddress: string } | { pendingId: string } | { userId: string };

function getPasskeyStartLimit(requester: ChallengeRequester) {
  if ('pendingId' in requester) return { limit: PASSKEY_START_SECOND_STEP, key: requester.pendingId };
  if ('userId' in requester) return { limit: PASSKEY_START_REAUTH, key: requester.userId };
  return { limit: PASSKEY_START, key: getIpAddressBlock(requester.ipAddress) };
}

/**
 * Consumes one request for a passkey challenge.
 * @throws if the database cannot be queried
 */
export async function consumePasskeyStart(
  pool: pg.Pool,
  requester: ChallengeRequester,
): Promise<{ ok: true } | { ok: false; reason: 'rate_limited'; retryAfterSeconds: number }> {
  const { limit, key } = getPasskeyStartLimit(requester);
  const result = await createRateLimiter(pool, limit).consume(key);
  return result.ok ? result : { ...result, reason: 'rate_limited' };
}

/**
 * Consumes one start or callback of single sign-on, per IP address.
 * @param input.isCallback whether it is the callback
 * @throws if the database cannot be queried
 */
export async function consumeSsoAttempt(
  pool: pg.Pool,
  { ipAddress, isCallback }: { ipAddress: string; isCallback: boolean },
): Promise<{ ok: boolean }> {
  return createRateLimiter(pool, isCallback ? SSO_CALLBACK : SSO_START).consume(getIpAddressBlock(ipAddress));
}

/** Returns whether `rememberSignIn` stored, within 30 days, that this user has signed in from this IP address. */
export async function isKnownIpAddress(pool: pg.Pool, source: SignInSource): Promise<boolean> {
  return createRateLimiter(pool, KNOWN_IP_ADDRESS).has(getUserAtIpAddressKey(source));
}

async function getSecondStepKey(pool: pg.Pool, source: SignInSource): Promise<string> {
  return (await isKnownIpAddress(pool, source)) ? getUserAtIpAddressKey(source) : foldEmail(source.email);
}

/**
 * Consumes one start of a second step, per user. Known IP addresses have separate limits, so that an attacker who knows
 * the password cannot lock the user out there.
 * @throws if the database cannot be queried
 */
export async function consumeSecondStepAttempt(
  pool: pg.Pool,
  source: SignInSource,
): Promise<{ ok: true } | { ok: false; retryAfterSeconds: number }> {
  return createRateLimiter(pool, SECOND_STEP).consume(await getSecondStepKey(pool, source));
}

/** Refunds the start of a second step that succeeded. Call it before `rememberSignIn`, which changes the key. */
export async function refundSecondStepAttempt(pool: pg.Pool, source: SignInSource): Promise<void> {
  await createRateLimiter(pool, SECOND_STEP).refund(await getSecondStepKey(pool, source));
}

/**
 * Consumes one sign-in attempt, before the password is compared: per IP address, per user at this IP address, and per
 * user unless the IP address is known. Unknown users count in the same way, so the limit does not reveal them.
 * @throws if the database cannot be queried
 */
export async function consumeSignInAttempt(
  pool: pg.Pool,
  source: SignInSource,
): Promise<Attempt | { ok: false; retryAfterSeconds: number }> {
  const limits = [
    { limiter: createRateLimiter(pool, IP_ADDRESS), key: getIpAddressBlock(source.ipAddress) },
    { limiter: createRateLimiter(pool, USER_AT_IP_ADDRESS), key: getUserAtIpAddressKey(source) },
  ];
  const isKnown = await isKnownIpAddress(pool, source);
  if (!isKnown) {
    limits.push({ limiter: createRateLimiter(pool, USER), key: foldEmail(source.email) });
  }
  for (const { limiter, key } of limits) {
    const result = await limiter.consume(key);
    if (!result.ok) return result;
  }
  return {
    ok: true,
    isKnownIpAddress: isKnown,
    async refund() {
      for (const { limiter, key } of limits) await limiter.refund(key);
    },
  };
}
