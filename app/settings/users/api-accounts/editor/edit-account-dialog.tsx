'use client';
import { type RefObject, useRef } from 'react';
import { Dialog } from '#components/dialog.tsx';
import { type ToastMessage, useToast } from '#components/toast.tsx';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import type { OutboxChannels } from '#lib/platform/config/provider-settings.ts';
import { describeQueued } from '../../../test-mode/describe-queued.ts';
import { useOutboxChannels } from '../../../test-mode/outbox-channels.tsx';
import { describeBlockedSms } from '../blocked-sms.ts';
import { AccountPanels } from './account-panels.tsx';
import { EditAccountForm } from './edit-account-form.tsx';
import { formatLimit } from './limit-labels.ts';
import { isSameValue } from './merge-account.ts';
import type { SavedAccountEdit } from './use-account-editor.ts';

/** What gets the focus when the editor opens. */
export type EditorFocus = 'fields' | 'key_delivery';

type EditAccountDialogProps = {
  open: boolean;
  onClose: () => void;
  account: AccountSummary;
  defaultLimit: number | null;
  focus: EditorFocus;
};

const hasNewContact = ({ before, after }: SavedAccountEdit) =>
  !isSameValue('email', before, after) || !isSameValue('phone', before, after);

/** Describes what happens to the API key if the account was activated or deactivated. */
function describeActivation({ before, after }: SavedAccountEdit): string | false {
  if (before.active === after.active) return false;
  if (after.active) {
    return after.status === 'active'
      ? 'Its API key works again.'
      : 'Its API key will work once they’ve collected it.';
  }
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
function describeSaved(
  saved: SavedAccountEdit,
  defaultLimit: number | null,
  outbox: OutboxChannels,
): ToastMessage {
  const { before, after } = saved;
  const sentences = [
    describeActivation(saved),
    describeMessages(saved, outbox),
    describeNotice(saved, outbox),
    before.requestsPerMinute !== after.requestsPerMinute &&
      `From now on, ${formatLimit(after.requestsPerMinute, defaultLimit)}.`,
  ].filter((sentence) => sentence !== false);
  if (sentences.length === 0) return { title: 'No changes to save' };
  const verb = before.active === after.active ? 'saved' : after.active ? 'reactivated' : 'deactivated';
  return { title: `${after.username} ${verb}`, description: sentences.join(' ') };
}

export function EditAccountDialog({ open, onClose, account, defaultLimit, focus }: EditAccountDialogProps) {
  const toast = useToast();
  const outbox = useOutboxChannels();
  const firstField: RefObject<HTMLInputElement | null> = useRef(null);
  const panels: RefObject<HTMLDivElement | null> = useRef(null);

  function handleSaved(saved: SavedAccountEdit) {
    onClose();
    const tone = saved.wasRevealRestarted && saved.after.smsBlockedReason !== null ? 'danger' : 'success';
    toast({ tone, ...describeSaved(saved, defaultLimit, outbox), about: account.id });
  }

  function handleAlreadySaved({ username }: AccountSummary) {
    onClose();
    toast({ tone: 'info', title: `${username} already has these details`, about: account.id });
  }

  return (
    <Dialog
      open={open}
      onOpenChange={onClose}
      title="Edit API Account"
      initialFocus={focus === 'fields' ? firstField : panels}
      isWide
    >
      <EditAccountForm
        account={account}
        defaultLimit={defaultLimit}
        firstField={firstField}
        onCancel={onClose}
        onSaved={handleSaved}
        onAlreadySaved={handleAlreadySaved}
      >
        <AccountPanels account={account} container={panels} />
      </EditAccountForm>
    </Dialog>
  );
}
