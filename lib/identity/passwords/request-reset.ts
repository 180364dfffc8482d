import { setTimeout as delay } from 'node:timers/promises';
import { and, eq, isNotNull } from 'drizzle-orm';
import type pg from 'pg';
import type { Database } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { startEmailLink } from '#lib/identity/email-links/start.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { getUserAtIpAddressKey, isKnownIpAddress } from '#lib/identity/sign-in/rate-limits.ts';
import { foldEmail } from '#lib/identity/users/fold-email.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import { getIpAddressBlock } from '#lib/platform/http/ip-address.ts';
import { logWebError } from '#lib/platform/http/log-web-error.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';

const HOUR = 60 * 60;
/** Many users may share an IP address, such as that of an office or a proxy. */
const PER_IP_ADDRESS = { name: 'password-reset-address', points: 30, seconds: HOUR };
/** Each request sends the user an email. Unknown email addresses count in the same way. */
const PER_USER = { name: 'password-reset-account', points: 5, seconds: HOUR };
/**
 * A separate limit for IP addresses from which the user has signed in within 30 days. An attacker elsewhere cannot use it
 * up.
 */
const PER_KNOWN_IP_ADDRESS = { name: 'password-reset-known', points: 5, seconds: HOUR };
/**
 * Minimum response time. Creating a link usually takes less, so it has ended when the response is sent. Otherwise it could
 * slow down the requester's next request, which would reveal that the email address is known.
 */
const RESPONSE_DELAY_MS = 400;

export type RequestResetResult =
  | { ok: true }
  | { ok: false; reason: 'rate_limited'; retryAfterSeconds: number };

type ResetRequest = { email: string; ipAddress: string };

/** `isSendAllowed`: whether a link may be sent. The response does not reveal this: the requester may be an attacker. */
type RateLimitResult = { response: RequestResetResult; isSendAllowed: boolean };

async function enforceRateLimits(pool: pg.Pool, request: ResetRequest): Promise<RateLimitResult> {
  const ipAddressLimit = await createRateLimiter(pool, PER_IP_ADDRESS).consume(
    getIpAddressBlock(request.ipAddress),
  );
  if (!ipAddressLimit.ok)
    return { response: { ...ipAddressLimit, reason: 'rate_limited' }, isSendAllowed: false };
  const isKnown = await isKnownIpAddress(pool, request);
  const [limit, key] = isKnown
    ? [PER_KNOWN_IP_ADDRESS, getUserAtIpAddressKey(request)]
    : [PER_USER, foldEmail(request.email)];
  return { response: ipAddressLimit, isSendAllowed: (await createRateLimiter(pool, limit).consume(key)).ok };
}

/** Sends a link if there is an active user with this email address and a password. */
async function startReset(database: Database, { email, ipAddress }: ResetRequest): Promise<void> {
  const queue = await getQueue(database.$client);
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
    // Checks again, because the row may have changed before it was locked.
    if ((await transaction.$count(users, and(eq(users.id, userId), mayReset))) === 0) return;
    await startEmailLink(transaction, queue, { userId, purpose: 'password_reset', createdBy: null });
    recordAuditEvent(transaction, 'password.reset_asked', { userId: null, targetUserId: userId, ipAddress });
  });
}

/** `response` reveals nothing about the work. `done` resolves after the work, even if it fails. */
type StartedReset = { response: Promise<RequestResetResult>; done: Promise<void> };

/**
 * Sends a user who has forgotten their password a link to set a new one. The response and its timing do not reveal
 * whether the email address is known (OWASP ASVS 5.0, 6.3.8): the response does not wait for the link, and its
 * errors are only logged.
 * @param responseDelayMs minimum response time; tests shorten it
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
    done: done.catch((error: unknown) => logWebError('password_reset.link_not_created', error)),
  };
}
