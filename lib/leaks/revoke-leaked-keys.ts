import { and, eq, inArray, or, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '#db/client.ts';
import { accessTokens } from '#db/schema/access-tokens.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { leaks } from '#db/schema/leaks.ts';
import { withTransaction } from '#db/with-transaction.ts';
import type { LeakSource } from '#lib/account-state/status.ts';
import { digestKey } from '#lib/api-keys/api-key.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { listAdministratorIds } from '#lib/identity/users/administrators.ts';
import { endPreviousKey } from '#lib/key-delivery/previous-key.ts';
import { deleteSealedKey } from '#lib/key-delivery/reveal/sealed-key.ts';
import { getQueue, queueMessage } from '#lib/notifications/queue/queue-message.ts';
import { isAccessTokenValid } from '#lib/platform/authorization/actor-transaction.ts';
import { recordWebhookEvent } from '#lib/webhook-events/record.ts';
import type { ReportedKey } from './schema.ts';

/** Who reported a leak, and from where. */
type Reporter = { source: LeakSource; ipAddress: string };
/** A reported key that may work, by its digest. */
type Leak = Reporter & { digest: Buffer; url: string | null };

/** Queues an email about a leak to every active administrator. */
async function notifyAdministrators(transaction: Transaction, queue: PgBoss, leakId: string): Promise<void> {
  for (const userId of await listAdministratorIds(transaction))
    await queueMessage(transaction, queue, { kind: 'leak_report', leakId, userId });
}

/** Locks the account that has a key with this digest for the rest of the transaction. Waits for a reset and a collection. */
async function lockAccount(transaction: Transaction, digest: Buffer) {
  const [locked] = await transaction
    .select({
      id: apiAccounts.id,
      revealId: apiAccounts.revealId,
      isCurrentKey: sql<boolean>`coalesce(${apiAccounts.keyDigest} = ${digest}, false)`,
    })
    .from(apiAccounts)
    .where(or(eq(apiAccounts.keyDigest, digest), eq(apiAccounts.previousKeyDigest, digest)))
    .for('update');
  return locked;
}

/** Removes the current key of a locked account, also where it could still be shown again. */
async function removeCurrentKey(
  transaction: Transaction,
  { id, revealId }: { id: string; revealId: string | null },
): Promise<void> {
  await transaction
    .update(apiAccounts)
    .set({ keyDigest: null, keyGeneratedAt: null })
    .where(eq(apiAccounts.id, id));
  if (revealId) await deleteSealedKey(transaction, revealId);
}

/**
 * Revokes the API key with this digest on commit, and only that one: the other key of the account keeps working. Records
 * the leak, and queues emails to the integrator and the administrators. Does nothing if the key has ended meanwhile.
 */
async function revokeKey(transaction: Transaction, queue: PgBoss, leak: Leak): Promise<void> {
  const { digest, source, url, ipAddress } = leak;
  const locked = await lockAccount(transaction, digest);
  if (!locked) return;
  const { id: accountId, revealId, isCurrentKey } = locked;
  if (isCurrentKey) await removeCurrentKey(transaction, locked);
  else if (!(await endPreviousKey(transaction, accountId, 'leaked', { userId: null, ipAddress }))) return;
  const id = uuidv7();
  const key = isCurrentKey ? 'current' : 'previous';
  await transaction.insert(leaks).values({ id, accountId, key, revealId, source, url });
  recordAuditEvent(transaction, 'api_key.leaked', {
    userId: null,
    accountId,
    ipAddress,
    details: { key, source, ...(url !== null && { url }) },
  });
  recordWebhookEvent(transaction, { type: 'api_key.leaked', account: accountId, data: { key, source, url } });
  await queueMessage(transaction, queue, { kind: 'leak_notice', leakId: id });
  await notifyAdministrators(transaction, queue, id);
}

/** Revokes the access token with this digest on commit, and queues emails to the administrators. */
async function revokeToken(transaction: Transaction, queue: PgBoss, leak: Leak): Promise<void> {
  const { digest, source, url, ipAddress } = leak;
  const [locked] = await transaction
    .select({ id: accessTokens.id, name: accessTokens.name })
    .from(accessTokens)
    .where(and(eq(accessTokens.digest, digest), isAccessTokenValid))
    .for('update');
  if (!locked) return;
  await transaction.update(accessTokens).set({ revokedAt: sql`now()` }).where(eq(accessTokens.id, locked.id));
  const id = uuidv7();
  await transaction.insert(leaks).values({ id, accessTokenId: locked.id, source, url });
  const details = { accessTokenId: locked.id, accessToken: locked.name, source };
  recordAuditEvent(transaction, 'access_token.leaked', {
    userId: null,
    ipAddress,
    details: { ...details, ...(url !== null && { url }) },
  });
  await notifyAdministrators(transaction, queue, id);
}

/** Finds which digests belong to keys and tokens that may work, without a lock: most reports contain none. */
async function findDigests(database: Database, digests: Buffer[]) {
  const { keyDigest, previousKeyDigest } = apiAccounts;
  const accounts = await database
    .select({ keyDigest, previousKeyDigest })
    .from(apiAccounts)
    .where(or(inArray(keyDigest, digests), inArray(previousKeyDigest, digests)));
  const tokens = await database
    .select({ digest: accessTokens.digest })
    .from(accessTokens)
    .where(inArray(accessTokens.digest, digests));
  const toSet = (found: (Buffer | null)[]) => new Set(found.map((digest) => digest?.toString('hex')));
  return {
    keys: toSet(accounts.flatMap((account) => [account.keyDigest, account.previousKeyDigest])),
    tokens: toSet(tokens.map(({ digest }) => digest)),
  };
}

/**
 * Revokes the API keys and access tokens of a report that work, each in a transaction of its own. No request that begins
 * after this is allowed with them. The caller has consumed the rate limits, and must respond alike whether a key worked or
 * not, so nothing is returned.
 * @param reported well-formed ones only, so that a mistyped key costs no query
 */
export async function revokeLeakedKeys(
  database: Database,
  reported: ReportedKey[],
  reporter: Reporter,
): Promise<void> {
  if (reported.length === 0) return;
  const byDigest = new Map(
    reported.map(({ key, url }) => {
      const digest = digestKey(key);
      return [digest.toString('hex'), { digest, url, ...reporter }];
    }),
  );
  const found = await findDigests(
    database,
    [...byDigest.values()].map(({ digest }) => digest),
  );
  const queue = await getQueue(database.$client);
  for (const [hex, leak] of byDigest) {
    if (found.keys.has(hex))
      await withTransaction(database, (transaction) => revokeKey(transaction, queue, leak));
    if (found.tokens.has(hex))
      await withTransaction(database, (transaction) => revokeToken(transaction, queue, leak));
  }
}
