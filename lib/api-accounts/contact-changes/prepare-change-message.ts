import { eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { selectActorName } from '#lib/identity/users/actor-name.ts';
import { readAdministratorEmail } from '#lib/identity/users/administrators.ts';
import { countAttempt, dropMessage, lockMessage } from '#lib/notifications/delivery/queued-message.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { isReportable, reportDeadline } from './report.ts';
import type { FieldChange } from './schema.ts';

/** The data that a message about a contact change is rendered from. */
export type ChangeMessage =
  | {
      kind: 'change_notice';
      to: string;
      username: string;
      isEmailChanged: boolean;
      isPhoneChanged: boolean;
      changedAt: Date;
      link: string;
      linkExpiresAt: Date;
    }
  | {
      kind: 'change_report';
      to: string;
      username: string;
      /** Name of the administrator or access token; null if it no longer exists. */
      changedBy: string | null;
      changedAt: Date;
      email: FieldChange;
      phone: FieldChange;
      link: string;
    };

const columns = {
  accountId: contactChanges.accountId,
  username: apiAccounts.username,
  at: contactChanges.at,
  isReportable,
  linkExpiresAt: reportDeadline.mapWith(contactChanges.at),
  oldEmail: contactChanges.oldEmail,
  newEmail: contactChanges.newEmail,
  oldPhone: contactChanges.oldPhone,
  newPhone: contactChanges.newPhone,
  changedBy: selectActorName(contactChanges.changedBy),
};

async function readChange(transaction: Transaction, changeId: string) {
  const [change] = await transaction
    .select(columns)
    .from(contactChanges)
    .innerJoin(apiAccounts, eq(apiAccounts.id, contactChanges.accountId))
    .where(eq(contactChanges.id, changeId));
  return change;
}

type ChangeRow = NonNullable<Awaited<ReturnType<typeof readChange>>>;

const toFieldChange = (before: string, after: string): FieldChange =>
  before === after ? null : { before, after };

/**
 * Builds the notice to the previous email address. It names the changed fields without their values, because the
 * address may belong to another person by now.
 */
function buildNotice(changeId: string, change: ChangeRow): ChangeMessage {
  const { authSecret, publicUrl } = settings();
  return {
    kind: 'change_notice',
    to: change.oldEmail,
    username: change.username,
    isEmailChanged: change.oldEmail !== change.newEmail,
    isPhoneChanged: change.oldPhone !== change.newPhone,
    changedAt: change.at,
    link: `${publicUrl}/report-change#${createLinkToken('changeReport', changeId, authSecret)}`,
    linkExpiresAt: change.linkExpiresAt,
  };
}

/** Builds the report to an administrator, with all values and a link to the account's page. */
function buildReport(to: string, change: ChangeRow): ChangeMessage {
  return {
    kind: 'change_report',
    to,
    username: change.username,
    changedBy: change.changedBy,
    changedAt: change.at,
    email: toFieldChange(change.oldEmail, change.newEmail),
    phone: toFieldChange(change.oldPhone, change.newPhone),
    link: `${settings().publicUrl}/settings/users/api-accounts/${change.accountId}`,
  };
}

/**
 * Counts a delivery attempt of a message about a contact change, and builds the message.
 * A report is sent even if it has been resolved: otherwise one administrator could hide it from the others.
 * @param message.userId the administrator who gets a report; null for a notice
 * @returns null if there is nothing to send: the message was sent, abandoned or dropped, or is dropped now, because the
 *   notice's link has expired or the report's recipient is no longer an active administrator; or the account was
 *   deleted
 */
export async function prepareChangeMessage(
  transaction: Transaction,
  { id, changeId, userId }: { id: string; changeId: string; userId: string | null },
): Promise<ChangeMessage | null> {
  const change = await readChange(transaction, changeId);
  if (!change) return null;
  const locked = await lockMessage(transaction, id);
  if (!locked) return null;
  const to = userId === null ? change.oldEmail : await readAdministratorEmail(transaction, userId);
  if (to === null || (userId === null && !change.isReportable)) {
    await dropMessage(transaction, locked);
    return null;
  }
  await countAttempt(transaction, locked);
  return userId === null ? buildNotice(changeId, change) : buildReport(to, change);
}
