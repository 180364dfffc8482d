import type pg from 'pg';
import { foldEmail } from '#lib/identity/users/email.ts';
import { addressBlock } from '#lib/platform/http/address-block.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';

const QUARTER_HOUR = 15 * 60;
/** Many people may share an address: an office, a proxy. */
const ADDRESS = { name: 'sign-in-address', points: 50, seconds: QUARTER_HOUR };
const ACCOUNT_AT_ADDRESS = { name: 'sign-in-account-at-address', points: 10, seconds: QUARTER_HOUR };
/** Against guesses from many addresses. It is not asked where the person is known, or anyone could lock them out. */
const ACCOUNT = { name: 'sign-in-account', points: 50, seconds: 60 * 60 };
/** Nobody guesses a passkey; but each try is work, and many people may share an address. */
const PASSKEY = { name: 'sign-in-passkey-answer', points: 100, seconds: 10 * 60 };
/**
 * A right password gives its try back, so what follows it has a bound of its own: each time is a row, and an entry of
 * the audit log.
 */
const SECOND_STEP = { name: 'second-step', points: 20, seconds: QUARTER_HOUR };
/** Each way to the provider and back asks it something; back, with a cookie that anybody can make up. */
const SINGLE_SIGN_ON = { name: 'single-sign-on', points: 200, seconds: 10 * 60 };
const SINGLE_SIGN_ON_BACK = { name: 'single-sign-on-back', points: 400, seconds: 10 * 60 };
const KNOWN = { name: 'sign-in-known', points: 1, seconds: 30 * 24 * 60 * 60 };

export type Attempt = {
  ok: true;
  /** Gives the try back; after a sign-in that succeeded, or that was never compared. */
  giveBack(): Promise<void>;
};

/** The key of an account at one address; for throttles. */
export const accountHere = ({ email, address }: { email: string; address: string }) =>
  JSON.stringify([foldEmail(email), addressBlock(address)]);

/** Remembers for 30 days that this account has signed in from here. */
export async function rememberSignIn(pool: pg.Pool, who: { email: string; address: string }): Promise<void> {
  await createRateLimiter(pool, KNOWN).take(accountHere(who));
}

/**
 * Spends one try of signing in by a passkey alone: per address.
 * @throws when the database cannot be asked
 */
export async function consumePasskeyAttempt(
  pool: pg.Pool,
  address: string,
): Promise<Attempt | { ok: false; retryAfterSeconds: number }> {
  const throttle = createRateLimiter(pool, PASSKEY);
  const key = addressBlock(address);
  const taken = await throttle.take(key);
  return taken.ok ? { ok: true, giveBack: () => throttle.giveBack(key) } : taken;
}

/**
 * Takes a turn of asking the provider something: per address.
 * @throws when the database cannot be asked
 */
export async function consumeSsoAttempt(
  pool: pg.Pool,
  { address, back }: { address: string; back: boolean },
): Promise<{ ok: boolean }> {
  return createRateLimiter(pool, back ? SINGLE_SIGN_ON_BACK : SINGLE_SIGN_ON).take(addressBlock(address));
}

/** Whether this account has signed in from here within 30 days. */
export async function isKnownHere(pool: pg.Pool, who: { email: string; address: string }): Promise<boolean> {
  return createRateLimiter(pool, KNOWN).isKnown(accountHere(who));
}

async function secondStepKey(pool: pg.Pool, who: { email: string; address: string }): Promise<string> {
  return (await isKnownHere(pool, who)) ? accountHere(who) : foldEmail(who.email);
}

/**
 * Takes a turn of asking somebody for their second factor: per person, and apart from that for each address where they
 * have signed in within 30 days, so that whoever has found out a password does not keep its owner out there.
 * @throws when the database cannot be asked
 */
export async function consumeSecondStepAttempt(
  pool: pg.Pool,
  who: { email: string; address: string },
): Promise<{ ok: true } | { ok: false; retryAfterSeconds: number }> {
  return createRateLimiter(pool, SECOND_STEP).take(await secondStepKey(pool, who));
}

/** Gives a turn back after a second step that succeeded, before `rememberSignIn`. */
export async function refundSecondStepAttempt(
  pool: pg.Pool,
  who: { email: string; address: string },
): Promise<void> {
  await createRateLimiter(pool, SECOND_STEP).giveBack(await secondStepKey(pool, who));
}

/**
 * Spends one try of signing in, before any password is compared: per address, per account at this address,
 * and per account (unless it has signed in from here within 30 days). Accounts that do not exist count alike.
 * @throws when the database cannot be asked
 */
export async function consumeSignInAttempt(
  pool: pg.Pool,
  who: { email: string; address: string },
): Promise<Attempt | { ok: false; retryAfterSeconds: number }> {
  const address = addressBlock(who.address);
  const account = foldEmail(who.email);
  const accountAtAddress = accountHere(who);
  const steps = [
    { throttle: createRateLimiter(pool, ADDRESS), key: address },
    { throttle: createRateLimiter(pool, ACCOUNT_AT_ADDRESS), key: accountAtAddress },
  ];
  if (!(await isKnownHere(pool, who))) {
    steps.push({ throttle: createRateLimiter(pool, ACCOUNT), key: account });
  }
  for (const { throttle, key } of steps) {
    const taken = await throttle.take(key);
    if (!taken.ok) return taken;
  }
  return {
    ok: true,
    async giveBack() {
      for (const { throttle, key } of steps) await throttle.giveBack(key);
    },
  };
}
