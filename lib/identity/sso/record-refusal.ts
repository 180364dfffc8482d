import type { Database, Transaction } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';
import { removeUnprintable } from '#lib/platform/user-input/name.ts';
import { findUserIdByIdentity, parseIdentity } from './identities.ts';
import { type Claims, MAX_CLAIM_LENGTH } from './validate-claims.ts';

/** Limits recorded refusals per account at the provider, because every account at a large provider can try to sign in. */
const MAX_RECORDED = { name: 'single-sign-on-refusals', points: 20, seconds: 60 * 60 };

type RefusedIdentity = { reason: string; issuerAndSubject: string; ipAddress: string };

/** Calls `record` in a new transaction, unless too many refusals of this identity were recorded. */
async function recordWithinLimit(
  database: Database,
  issuerAndSubject: string,
  record: (transaction: Transaction) => void | Promise<void>,
): Promise<void> {
  if (!(await createRateLimiter(database.$client, MAX_RECORDED).consume(issuerAndSubject)).ok) return;
  await withTransaction(database, async (transaction) => record(transaction));
}

function buildRefusalEvent({ reason, issuerAndSubject, ipAddress }: RefusedIdentity) {
  const details = { method: 'oidc', reason, ...parseIdentity(issuerAndSubject) };
  return { ipAddress, outcome: 'refused', details } as const;
}

/** Records a refused sign-in, at most 20 an hour per account at the provider. */
export async function recordSsoRefusal(
  database: Database,
  { targetUserId, ...refused }: RefusedIdentity & { targetUserId: string | null },
): Promise<void> {
  await recordWithinLimit(database, refused.issuerAndSubject, (transaction) =>
    recordAuditEvent(transaction, 'sign_in.failed', {
      userId: null,
      targetUserId,
      ...buildRefusalEvent(refused),
    }),
  );
}

/** Records a refused re-authentication. Counts towards the same limit as refused sign-ins. */
export async function recordReauthRefusal(
  database: Database,
  { userId, ...refused }: RefusedIdentity & { userId: string },
): Promise<void> {
  await recordWithinLimit(database, refused.issuerAndSubject, (transaction) =>
    recordAuditEvent(transaction, 'proof.failed', { userId, ...buildRefusalEvent(refused) }),
  );
}

/** Truncates a claim and removes unprintable characters; undefined if it is not a string. */
function toStorable(value: unknown, maxLength: number): string | undefined {
  if (typeof value !== 'string') return undefined;
  return removeUnprintable(value.slice(0, maxLength));
}

/**
 * Records that the provider's claims are invalid, with the valid parts of the identity. Counts towards the same limit as
 * other refusals. All accounts without an identity share one limit.
 * @param user the signed-in user, if this was a re-authentication
 */
export async function recordClaimsRefusal(
  database: Database,
  claims: Claims,
  { reason, user, ipAddress }: { reason: string; user: CurrentUser | null; ipAddress: string },
): Promise<void> {
  const identity = {
    issuer: toStorable(claims.iss, MAX_CLAIM_LENGTH.iss),
    subject: toStorable(claims.sub, MAX_CLAIM_LENGTH.sub),
  };
  const key = `${identity.issuer ?? ''} ${identity.subject ?? ''}`;
  const refused = {
    ipAddress,
    outcome: 'refused',
    details: { method: 'oidc', reason, ...identity },
  } as const;
  await recordWithinLimit(database, key, async (transaction) => {
    if (user) return recordAuditEvent(transaction, 'proof.failed', { userId: user.userId, ...refused });
    // Without the removed characters, the identity could equal that of another account.
    const isUnmodified = identity.issuer === claims.iss && identity.subject === claims.sub;
    const targetUserId = isUnmodified ? await findUserIdByIdentity(transaction, key) : null;
    recordAuditEvent(transaction, 'sign_in.failed', { userId: null, targetUserId, ...refused });
  });
}
