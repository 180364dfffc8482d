import type { ToastMessage } from '#components/toast.tsx';
import type { OutboxChannels } from '#lib/platform/config/provider-settings.ts';
import { describeQueued } from '../../../test-mode/describe-queued.ts';
import { describeSavedExpiry, describeSavedScopes } from '../access/access-changes.ts';
import { describeSavedNetworks } from '../access/network-suggestions.ts';
import { describeBlockedSms } from '../blocked-sms.ts';
import { formatLimit } from './limit-labels.ts';
import { hasEdits, isSameValue } from './merge-account.ts';
import type { SavedAccountEdit } from './use-account-editor.ts';

const hasNewContact = ({ before, after }: SavedAccountEdit) =>
  !isSameValue('email', before, after) || !isSameValue('phone', before, after);

/** Describes what happens to the API key if the account was activated or deactivated. */
function describeActivation({ before, after }: SavedAccountEdit): string | false {
  if (before.active === after.active) return false;
  if (after.active && after.status === 'expired')
    return 'It has expired: set a later expiry to give access with the same key.';
  if (after.active) {
    return after.status === 'active'
      ? 'Its API key works again.'
      : 'Its API key will work once they’ve collected it.';
  }
  if (before.status === 'expired') return false;
  if (before.oldKey) return 'Its API keys have stopped working, the old one for good.';
  return before.status === 'active'
    ? 'Its API key has stopped working.'
    : 'Any key they collect won’t work until you reactivate the account.';
}

/** Describes which link and code are sent after a contact change. */
function describeMessages(saved: SavedAccountEdit, outbox: OutboxChannels): string | false {
  if (!hasNewContact(saved)) return false;
  const { email, phone, smsBlockedReason } = saved.after;
  if (!saved.wasRevealRestarted) return 'Future links and codes will go to the new details.';
  const link = { content: 'a new link', recipient: email };
  return smsBlockedReason === null
    ? `${describeQueued({ email: link, sms: { content: 'a new code', recipient: phone } }, outbox)} The earlier ones no longer work.`
    : `${describeQueued({ email: link }, outbox)} The earlier link and code no longer work. We didn’t text a code. ${describeBlockedSms(smsBlockedReason)}`;
}

/** Describes whether the previous email address gets a notice of a contact change. */
function describeNotice(saved: SavedAccountEdit, outbox: OutboxChannels): string | false {
  if (!hasNewContact(saved)) return false;
  const { email } = saved.before;
  if (!saved.isPreviousAddressNotified) return `We didn’t tell ${email}: too many notices in the last hour.`;
  return outbox.email
    ? `The notice of the change for ${email} is in the outbox.`
    : `We’re telling ${email} about the change.`;
}

/** Describes what was saved, who gets messages, and what comes next. */
export function describeSaved(
  saved: SavedAccountEdit,
  { defaultLimit, timeZone }: { defaultLimit: number | null; timeZone: string },
  outbox: OutboxChannels,
): ToastMessage {
  const { before, after } = saved;
  if (!hasEdits(before, after)) return { title: 'No changes to save', tone: 'info' };
  const sentences = [
    describeActivation(saved),
    describeMessages(saved, outbox),
    describeNotice(saved, outbox),
    before.requestsPerMinute !== after.requestsPerMinute &&
      `From now on, ${formatLimit(after.requestsPerMinute, defaultLimit)}.`,
    describeSavedExpiry(saved, timeZone),
    describeSavedScopes(saved),
    describeSavedNetworks(saved),
  ].filter((sentence) => sentence !== false);
  const verb = before.active === after.active ? 'saved' : after.active ? 'reactivated' : 'deactivated';
  const isTextBlocked = saved.wasRevealRestarted && after.smsBlockedReason !== null;
  return {
    title: `${after.username} ${verb}`,
    description: sentences.join(' '),
    tone: isTextBlocked ? 'danger' : 'success',
  };
}
