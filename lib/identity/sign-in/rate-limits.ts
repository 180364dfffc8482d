import type pg from 'pg';
import { SSO_LIMIT_SECONDS } from '#lib/identity/sso/schema.ts';
import { foldEmail } from '#lib/identity/users/email.ts';
import { addressBlock } from '#lib/platform/http/client-address.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';

const QUARTER_HOUR = 15 * 60;
/** Many users may share an IP address: an office, a proxy. */
const ADDRESS = { name: 'sign-in-address', points: 50, seconds: QUARTER_HOUR };
const ACCOUNT_AT_ADDRESS = { name: 'sign-in-account-at-address', points: 10, seconds: QUARTER_HOUR };
/** Against guesses from many addresses. Does not apply at known addresses, or an attacker could lock the user out. */
const ACCOUNT = { name: 'sign-in-account', points: 50, seconds: 60 * 60 };
/** A passkey cannot be guessed, but each attempt costs work, and many users may share an IP address. */
const PASSKEY = { name: 'sign-in-passkey-answer', points: 100, seconds: 10 * 60 };
/**
 * A right password refunds its attempt, so starting a second step has its own limit: each is a row and an audit event.
 */
const SECOND_STEP = { name: 'second-step', points: 20, seconds: QUARTER_HOUR };
/** Each redirect to the provider and back sends it a request; the callback does so with a cookie that anyone can forge. */
const SSO_START = { name: 'single-sign-on', points: 200, seconds: SSO_LIMIT_SECONDS };
const SSO_CALLBACK = { name: 'single-sign-on-back', points: 400, seconds: SSO_LIMIT_SECONDS };
/** Challenges, each a row for five minutes: per IP address while the user is not known yet, then per sign-in or user. */
const PASSKEY_START = { name: 'sign-in-passkey', points: 100, seconds: 10 * 60 };
const PASSKEY_START_SECOND_STEP = { name: 'second-step-passkey', points: 20, seconds: 10 * 60 };
const PASSKEY_START_REAUTH = { name: 'proof-passkey', points: 20, seconds: 10 * 60 };
/** Not a limit: stores for 30 days that an account has signed in from an address. */
const KNOWN_ADDRESS = { name: 'sign-in-known', points: 1, seconds: 30 * 24 * 60 * 60 };

/** The account that a sign-in is for, and the IP address that it comes from. */
type SignInSource = { email: string; address: string };

export type Attempt = {
  ok: true;
  /** Refunds the attempt after a successful sign-in, or if nothing was compared. */
  refund(): Promise<void>;
};

/** Returns the rate-limit key of an account at one IP address. */
export const accountAtAddressKey = ({ email, address }: SignInSource) =>
  JSON.stringify([foldEmail(email), addressBlock(address)]);

/** Stores for 30 days that this account has signed in from this address. */
export async function rememberSignIn(pool: pg.Pool, source: SignInSource): Promise<void> {
  await createRateLimiter(pool, KNOWN_ADDRESS).consume(accountAtAddressKey(source));
}

/**
 * Consumes one attempt to sign in with a passkey alone, per IP address.
 * @throws if the database cannot be queried
 */
export async function consumePasskeyAttempt(
  pool: pg.Pool,
  address: string,
): Promise<Attempt | { ok: false; retryAfterSeconds: number }> {
  const limiter = createRateLimiter(pool, PASSKEY);
  const key = addressBlock(address);
  const result = await limiter.consume(key);
  return result.ok ? { ok: true, refund: () => limiter.refund(key) } : result;
}

/** Who requests a challenge. A pending sign-in counts alone, so that another user of its IP address cannot use it up. */
type ChallengeRequester = { address: string } | { pendingId: string } | { userId: string };

function passkeyStartLimit(requester: ChallengeRequester) {
  if ('pendingId' in requester) return { limit: PASSKEY_START_SECOND_STEP, key: requester.pendingId };
  if ('userId' in requester) return { limit: PASSKEY_START_REAUTH, key: requester.userId };
  return { limit: PASSKEY_START, key: addressBlock(requester.address) };
}

/**
 * Consumes one request for a passkey challenge.
 * @throws if the database cannot be queried
 */
export async function consumePasskeyStart(
  pool: pg.Pool,
  requester: ChallengeRequester,
): Promise<{ ok: true } | { ok: false; reason: 'throttled'; retryAfterSeconds: number }> {
  const { limit, key } = passkeyStartLimit(requester);
  const result = await createRateLimiter(pool, limit).consume(key);
  return result.ok ? result : { ...result, reason: 'throttled' };
}

/**
 * Consumes one request to the provider, per IP address.
 * @param isCallback whether it is the callback
 * @throws if the database cannot be queried
 */
export async function consumeSsoAttempt(
  pool: pg.Pool,
  { address, isCallback }: { address: string; isCallback: boolean },
): Promise<{ ok: boolean }> {
  return createRateLimiter(pool, isCallback ? SSO_CALLBACK : SSO_START).consume(addressBlock(address));
}

/** Returns whether this account has signed in from this address within 30 days. */
export async function isKnownAddress(pool: pg.Pool, source: SignInSource): Promise<boolean> {
  return createRateLimiter(pool, KNOWN_ADDRESS).has(accountAtAddressKey(source));
}

async function secondStepKey(pool: pg.Pool, source: SignInSource): Promise<string> {
  return (await isKnownAddress(pool, source)) ? accountAtAddressKey(source) : foldEmail(source.email);
}

/**
 * Consumes one start of a second step, per user. Known addresses have separate limits, so that an attacker who knows the
 * password cannot lock the user out there.
 * @throws if the database cannot be queried
 */
export async function consumeSecondStepAttempt(
  pool: pg.Pool,
  source: SignInSource,
): Promise<{ ok: true } | { ok: false; retryAfterSeconds: number }> {
  return createRateLimiter(pool, SECOND_STEP).consume(await secondStepKey(pool, source));
}

/** Refunds the start of a second step that succeeded. Call it before `rememberSignIn`, which changes the key. */
export async function refundSecondStepAttempt(pool: pg.Pool, source: SignInSource): Promise<void> {
  await createRateLimiter(pool, SECOND_STEP).refund(await secondStepKey(pool, source));
}

/**
 * Consumes one sign-in attempt, before the password is compared: per IP address, per account at this address, and per
 * account unless the address is known. Unknown accounts count in the same way, so the limit does not reveal them.
 * @throws if the database cannot be queried
 */
export async function consumeSignInAttempt(
  pool: pg.Pool,
  source: SignInSource,
): Promise<Attempt | { ok: false; retryAfterSeconds: number }> {
  const address = addressBlock(source.address);
  const account = foldEmail(source.email);
  const accountAtAddress = accountAtAddressKey(source);
  const limits = [
    { limiter: createRateLimiter(pool, ADDRESS), key: address },
    { limiter: createRateLimiter(pool, ACCOUNT_AT_ADDRESS), key: accountAtAddress },
  ];
  if (!(await isKnownAddress(pool, source))) {
    limits.push({ limiter: createRateLimiter(pool, ACCOUNT), key: account });
  }
  for (const { limiter, key } of limits) {
    const result = await limiter.consume(key);
    if (!result.ok) return result;
  }
  return {
    ok: true,
    async refund() {
      for (const { limiter, key } of limits) await limiter.refund(key);
    },
  };
}
