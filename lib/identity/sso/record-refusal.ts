import type { Database, Transaction } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';
import { findByIdentity } from './identities.ts';
import { parseIdentity } from './party-of.ts';
import { type Claims, LONGEST, printable } from './validate-claims.ts';

/** How many refusals of one person at the provider are put on record in an hour: anybody at a large one may knock. */
const RECORDED = { name: 'single-sign-on-refusals', points: 20, seconds: 60 * 60 };

type Refused = { reason: string; issuerAndSubject: string; address: string };

/** In a transaction of its own, which begins once that of the attempt is over. */
async function recordAtMost20(
  database: Database,
  issuerAndSubject: string,
  record: (transaction: Transaction) => void | Promise<void>,
): Promise<void> {
  if (!(await createRateLimiter(database.$client, RECORDED).take(issuerAndSubject)).ok) return;
  await withTransaction(database, async (transaction) => record(transaction));
}

function refusalOf({ reason, issuerAndSubject, address }: Refused) {
  const details = { method: 'oidc', reason, ...parseIdentity(issuerAndSubject) };
  return { address, outcome: 'refused', details } as const;
}

/** Puts on record that somebody who came from the provider was not let in: they, 20 times an hour at most. */
export async function recordSsoRefusal(
  database: Database,
  { targetUserId, ...refused }: Refused & { targetUserId: string | null },
): Promise<void> {
  await recordAtMost20(database, refused.issuerAndSubject, (transaction) =>
    recordAuditEvent(transaction, 'sign_in.failed', { userId: null, targetUserId, ...refusalOf(refused) }),
  );
}

/** Puts on record that what the provider tells is no proof of whoever is signed in. It counts among the same. */
export async function recordReauthRefusal(
  database: Database,
  { userId, ...refused }: Refused & { userId: string },
): Promise<void> {
  await recordAtMost20(database, refused.issuerAndSubject, (transaction) =>
    recordAuditEvent(transaction, 'proof.failed', { userId, ...refusalOf(refused) }),
  );
}

function readable(value: unknown, longest: number): string | undefined {
  if (typeof value !== 'string') return undefined;
  return printable(value.slice(0, longest));
}

/**
 * Puts on record that what the provider tells of somebody is not believed at all, as far as it says who they are. It
 * counts among the other refusals of theirs; those who cannot be told apart count together.
 * @param person whoever is signed in already, and came to prove who they are
 */
export async function recordClaimsRefused(
  database: Database,
  claims: Claims,
  { reason, person, address }: { reason: string; person: CurrentUser | null; address: string },
): Promise<void> {
  const party = {
    issuer: readable(claims.iss, LONGEST.iss),
    subject: readable(claims.sub, LONGEST.sub),
  };
  const key = `${party.issuer ?? ''} ${party.subject ?? ''}`;
  const refused = { address, outcome: 'refused', details: { method: 'oidc', reason, ...party } } as const;
  await recordAtMost20(database, key, async (transaction) => {
    if (person) return recordAuditEvent(transaction, 'proof.failed', { userId: person.userId, ...refused });
    const isWhole = party.issuer === claims.iss && party.subject === claims.sub;
    const targetUserId = isWhole ? await findByIdentity(transaction, key) : null;
    recordAuditEvent(transaction, 'sign_in.failed', { userId: null, targetUserId, ...refused });
  });
}
