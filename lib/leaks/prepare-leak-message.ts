import { eq, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { accessTokens } from '#db/schema/access-tokens.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { leaks } from '#db/schema/leaks.ts';
import type { LeakSource } from '#lib/account-state/status.ts';
import { readAdministratorEmail } from '#lib/identity/users/administrators.ts';
import { countAttempt, dropMessage, lockMessage } from '#lib/notifications/delivery/queued-message.ts';
import { settings } from '#lib/platform/config/settings.ts';

/** What leaked. `hasNewKey`: whether the integrator has collected another key by now. */
type LeakedKey = { key: 'current' | 'previous'; username: string; hasNewKey: boolean };

/** The data that a message about a leak is rendered from. */
export type LeakMessage = {
  to: string;
  /** Where it was found; null unless GitHub says so: anyone who has the key could report an address that tricks the reader. */
  trustedUrl: string | null;
  leakedAt: Date;
} & (
  | ({ kind: 'leak_notice' } & LeakedKey)
  | {
      kind: 'leak_report';
      subject: LeakedKey | { accessToken: string };
      source: LeakSource;
      link: string;
    }
);

async function readLeak(transaction: Transaction, leakId: string) {
  const [leak] = await transaction
    .select({
      key: leaks.key,
      source: leaks.source,
      url: leaks.url,
      at: leaks.at,
      accountId: leaks.accountId,
      username: apiAccounts.username,
      email: apiAccounts.email,
      hasKey: sql<boolean>`${apiAccounts.keyDigest} is not null`,
      tokenName: accessTokens.name,
    })
    .from(leaks)
    .leftJoin(apiAccounts, eq(apiAccounts.id, leaks.accountId))
    .leftJoin(accessTokens, eq(accessTokens.id, leaks.accessTokenId))
    .where(eq(leaks.id, leakId));
  return leak;
}

type LeakRow = NonNullable<Awaited<ReturnType<typeof readLeak>>>;

function describeKey({ key, username, hasKey }: LeakRow): LeakedKey {
  if (key === null || username === null) throw new Error('the leak is not of an API key');
  return { key, username, hasNewKey: hasKey };
}

/** Returns the page on which an administrator acts. That of a leaked key opens the dialog that resets it. */
function buildLink({ key, accountId }: LeakRow): string {
  const { publicUrl } = settings();
  if (accountId === null) return `${publicUrl}/settings/access-tokens`;
  return `${publicUrl}/settings/users/api-accounts/${accountId}${key === 'current' ? '?dialog=resetKey' : ''}`;
}

/**
 * Counts a delivery attempt of a message about a leak, and builds it. A notice goes to the account's current email address.
 * A report is sent even if the key has been reset: otherwise one administrator could hide the leak from the others.
 * @param message.userId the administrator who gets a report; null for a notice to the integrator
 * @returns null if there is nothing to send: the message was sent, abandoned or dropped, or is dropped now, because its
 *   recipient is no longer an active administrator; or the account was deleted
 */
export async function prepareLeakMessage(
  transaction: Transaction,
  { id, leakId, userId }: { id: string; leakId: string; userId: string | null },
): Promise<LeakMessage | null> {
  const leak = await readLeak(transaction, leakId);
  if (!leak) return null;
  const locked = await lockMessage(transaction, id);
  if (!locked) return null;
  const to = userId === null ? leak.email : await readAdministratorEmail(transaction, userId);
  if (to === null) {
    await dropMessage(transaction, locked);
    return null;
  }
  await countAttempt(transaction, locked);
  const content = { to, trustedUrl: leak.source === 'github' ? leak.url : null, leakedAt: leak.at };
  if (userId === null) return { kind: 'leak_notice', ...content, ...describeKey(leak) };
  const subject = leak.tokenName === null ? describeKey(leak) : { accessToken: leak.tokenName };
  return { kind: 'leak_report', ...content, subject, source: leak.source, link: buildLink(leak) };
}
