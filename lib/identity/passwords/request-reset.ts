import { setTimeout as delay } from 'node:timers/promises';
import { and, eq, isNotNull } from 'drizzle-orm';
import type pg from 'pg';
import type { Database } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { startUserLink } from '#lib/identity/email-links/start.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { accountAtAddressKey, isKnownAddress } from '#lib/identity/sign-in/rate-limits.ts';
import { foldEmail } from '#lib/identity/users/email.ts';
import { queueFor } from '#lib/notifications/queue/queue-message.ts';
import { addressBlock } from '#lib/platform/http/client-address.ts';
import { log } from '#lib/platform/log.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';

const HOUR = 60 * 60;
/** Many users may share an IP address: an office, a proxy. */
const PER_IP_ADDRESS = { name: 'password-reset-address', points: 30, seconds: HOUR };
/** Each request sends the user an email. Unknown email addresses count in the same way. */
const PER_USER = { name: 'password-reset-account', points: 5, seconds: HOUR };
/** A separate limit where the user has signed in within 30 days, which an attacker elsewhere cannot use up. */
const PER_KNOWN_ADDRESS = { name: 'password-reset-known', points: 5, seconds: HOUR };
/** Minimum response time. Most links are created by then, so their work does not slow other responses down. */
const RESPONSE_DELAY_MS = 400;

export type RequestResetResult = { ok: true } | { ok: false; reason: 'throttled'; retryAfterSeconds: number };

type ResetRequest = { email: string; address: string };

/** `isSendAllowed`: whether a link may be sent. The response does not reveal it: an attacker may have used up the limit. */
type RateLimited = { response: RequestResetResult; isSendAllowed: boolean };

async function enforceRateLimits(pool: pg.Pool, request: ResetRequest): Promise<RateLimited> {
  const addressLimit = await createRateLimiter(pool, PER_IP_ADDRESS).consume(addressBlock(request.address));
  if (!addressLimit.ok) return { response: { ...addressLimit, reason: 'throttled' }, isSendAllowed: false };
  const isKnown = await isKnownAddress(pool, request);
  const [limit, key] = isKnown
    ? [PER_KNOWN_ADDRESS, accountAtAddressKey(request)]
    : [PER_USER, foldEmail(request.email)];
  return { response: addressLimit, isSendAllowed: (await createRateLimiter(pool, limit).consume(key)).ok };
}

/** Sends a link only to a user who may sign in and has a password. */
async function startReset(database: Database, { email, address }: ResetRequest): Promise<void> {
  const queue = await queueFor(database.$client);
  const mayReset = and(
    eq(users.emailFolded, foldEmail(email)),
    eq(users.active, true),
    isNotNull(users.passwordHash),
  );
  const [user] = await database.select({ id: users.id }).from(users).where(mayReset);
  if (!user) return;
  const userId = user.id;
  await withTransaction(database, async (transaction) => {
    await lockUser(transaction, userId);
    // Checked again, because the row may have changed before it was locked.
    if ((await transaction.$count(users, and(eq(users.id, userId), mayReset))) === 0) return;
    await startUserLink(transaction, queue, { userId, purpose: 'password_reset', createdBy: null });
    recordAuditEvent(transaction, 'password.reset_asked', { userId: null, targetUserId: userId, address });
  });
}

/** `response`: the response, which reveals nothing about the work; `done`: resolves after the work, successful or not. */
type StartedReset = { response: Promise<RequestResetResult>; done: Promise<void> };

/**
 * Sends a user who has forgotten their password a link to set a new one. The response and its timing do not reveal whether
 * the email address is known (OWASP ASVS 5.0, 6.3.8). It does not wait for the link; errors are only logged.
 * @param responseDelayMs for tests
 */
export function requestPasswordReset(
  database: Database,
  request: ResetRequest,
  responseDelayMs = RESPONSE_DELAY_MS,
): StartedReset {
  const limited = enforceRateLimits(database.$client, request);
  const response = Promise.all([limited, delay(responseDelayMs)]).then(([{ response }]) => response);
  const done = limited.then(
    ({ isSendAllowed }) => (isSendAllowed ? startReset(database, request) : undefined),
    // `response` rejects with this error.
    () => undefined,
  );
  return {
    response,
    done: done.catch((error: unknown) => log.error('password_reset.link_not_created', error)),
  };
}
