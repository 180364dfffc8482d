import { eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { users } from '#db/schema/users.ts';
import { countAttempt, dropMessage, lockMessage } from '#lib/notifications/delivery/attempt.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { isReportable, reportDeadline } from './reportable.ts';
import type { Change } from './schema.ts';
import { changeReportToken } from './token.ts';

/** All that the words of a message about a change of address are made of. */
export type ChangeMessage =
  | {
      kind: 'change_notice';
      to: string;
      username: string;
      changedEmail: boolean;
      changedPhone: boolean;
      changedAt: Date;
      link: string;
      linkEndsAt: Date;
    }
  | {
      kind: 'objection';
      to: string;
      username: string;
      /** The person's name; null where they are no longer there. */
      changedBy: string | null;
      changedAt: Date;
      email: Change;
      phone: Change;
      link: string;
    };

const columns = {
  accountId: contactChanges.accountId,
  username: apiAccounts.username,
  at: contactChanges.at,
  open: isReportable,
  linkEndsAt: reportDeadline.mapWith(contactChanges.at),
  oldEmail: contactChanges.oldEmail,
  newEmail: contactChanges.newEmail,
  oldPhone: contactChanges.oldPhone,
  newPhone: contactChanges.newPhone,
  changedBy: users.name,
};

async function readChange(transaction: Transaction, changeId: string) {
  const [change] = await transaction
    .select(columns)
    .from(contactChanges)
    .innerJoin(apiAccounts, eq(apiAccounts.id, contactChanges.accountId))
    .leftJoin(users, eq(users.id, contactChanges.changedBy))
    .where(eq(contactChanges.id, changeId));
  if (!change) throw new Error('the change that a message is about is gone');
  return change;
}

type ReadChange = Awaited<ReturnType<typeof readChange>>;

const between = (before: string, after: string): Change => (before === after ? null : { before, after });

/** To the address before. It may be a stranger's by now: so it says what kind of thing was changed, and no more. */
function describeNotice(changeId: string, change: ReadChange): ChangeMessage {
  const { authSecret, publicUrl } = settings();
  return {
    kind: 'change_notice',
    to: change.oldEmail,
    username: change.username,
    changedEmail: change.oldEmail !== change.newEmail,
    changedPhone: change.oldPhone !== change.newPhone,
    changedAt: change.at,
    link: `${publicUrl}/not-us#${changeReportToken(changeId, authSecret)}`,
    linkEndsAt: change.linkEndsAt,
  };
}

/** To an administrator, who may know all of it, with a link to the account's editor. */
function describeReport(to: string, change: ReadChange): ChangeMessage {
  const place = new URLSearchParams({ search: change.username, edit: change.accountId });
  return {
    kind: 'objection',
    to,
    username: change.username,
    changedBy: change.changedBy,
    changedAt: change.at,
    email: between(change.oldEmail, change.newEmail),
    phone: between(change.oldPhone, change.newPhone),
    link: `${settings().publicUrl}/settings/users/api-accounts?${place}`,
  };
}

/** The email address of somebody who may still look into it; null where they may not any more. */
async function addressOfAdministrator(transaction: Transaction, userId: string): Promise<string | null> {
  const [user] = await transaction
    .select({ email: users.email, role: users.role, active: users.active })
    .from(users)
    .where(eq(users.id, userId));
  return user?.active && user.role === 'settings_administrator' ? user.email : null;
}

/**
 * Begins an attempt to send a message about a change: counts it, and finds out to whom it goes and what it says. An
 * objection goes out even where it has been settled meanwhile: else one administrator could keep it from the others.
 * @returns null where there is nothing to send: sent already, given up, or of no use any more (the link in the notice
 *   is over, or its reader is no administrator now)
 */
export async function prepareChangeMessage(
  transaction: Transaction,
  { id, changeId, userId }: { id: string; changeId: string; userId: string | null },
): Promise<ChangeMessage | null> {
  const change = await readChange(transaction, changeId);
  const held = await lockMessage(transaction, id);
  if (!held) return null;
  const to = userId === null ? change.oldEmail : await addressOfAdministrator(transaction, userId);
  if (to === null || (userId === null && !change.open)) {
    await dropMessage(transaction, held);
    return null;
  }
  await countAttempt(transaction, held);
  return userId === null ? describeNotice(changeId, change) : describeReport(to, change);
}
