'use client';
import { type RefObject, useRef } from 'react';
import { Dialog } from '#components/dialog.tsx';
import { useToast } from '#components/toast.tsx';
import { NOTICES_PER_HOUR } from '#lib/api-accounts/contact-changes/limits.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { describeBlockedSms } from '../blocked-sms.ts';
import { AccountPanels } from './account-panels.tsx';
import { EditAccountForm } from './edit-account-form.tsx';
import { isSameValue } from './edit-conflict.ts';
import { formatLimit } from './limit-labels.ts';
import type { Saved } from './use-account-editor.ts';

/** Where the focus begins. */
export type EditorFocus = 'fields' | 'key_delivery';

type EditAccountDialogProps = {
  open: boolean;
  onClose: () => void;
  account: AccountSummary;
  defaultLimit: number | null;
  focus: EditorFocus;
};

/** Describes whether the previous email address gets a notice; empty if the contact details did not change. */
function describeNotice({ before, after, isPreviousAddressNotified }: Saved): string[] {
  const hasNewEmail = !isSameValue('email', before, after);
  const hasNewPhone = !isSameValue('phone', before, after);
  if (!hasNewEmail && !hasNewPhone) return [];
  const what = hasNewEmail && hasNewPhone ? 'address and the number' : hasNewEmail ? 'address' : 'number';
  return isPreviousAddressNotified
    ? [`We tell ${before.email} that the ${what} changed.`]
    : [`${before.email} is not told this time: ${NOTICES_PER_HOUR} such notices went out within an hour.`];
}

/** Describes what was saved, who gets messages, and what comes next. */
function describeSaved(saved: Saved, defaultLimit: number | null): { title: string; description: string } {
  const { before, after, revealRestarted } = saved;
  const newState = before.active === after.active ? '' : after.active ? 'active again' : 'inactive';
  const title = newState ? `${after.username} is ${newState}` : `${after.username} was saved`;
  const sentences: string[] = [];
  if (before.active && !after.active) sentences.push('Its API key is refused from now on.');
  if (!before.active && after.active) sentences.push('Its API key, once revealed, works from now on.');
  if (revealRestarted && after.smsBlockedReason !== null) {
    sentences.push(
      `A new link goes to ${after.email}; the earlier link and code no longer work. ${describeBlockedSms(after.phone, after.smsBlockedReason)}`,
    );
  } else if (revealRestarted) {
    sentences.push(
      `A new link goes to ${after.email} and a new code to ${after.phone}. The earlier ones no longer work.`,
    );
  } else if (!isSameValue('email', before, after) || !isSameValue('phone', before, after)) {
    sentences.push('The API key stays as it is.');
  }
  sentences.push(...describeNotice(saved));
  if (before.requestsPerMinute !== after.requestsPerMinute) {
    sentences.push(`From now on ${formatLimit(after.requestsPerMinute, defaultLimit)}.`);
  }
  return { title, description: sentences.join(' ') || 'Nothing was different from before.' };
}

export function EditAccountDialog({ open, onClose, account, defaultLimit, focus }: EditAccountDialogProps) {
  const toast = useToast();
  const firstField: RefObject<HTMLInputElement | null> = useRef(null);
  const panels: RefObject<HTMLDivElement | null> = useRef(null);

  function handleSaved(saved: Saved) {
    onClose();
    const tone = saved.revealRestarted && saved.after.smsBlockedReason !== null ? 'danger' : 'success';
    toast({ tone, ...describeSaved(saved, defaultLimit) });
  }

  return (
    <Dialog
      open={open}
      onOpenChange={onClose}
      title="Edit API Account"
      initialFocus={focus === 'fields' ? firstField : panels}
      wide
    >
      <EditAccountForm
        account={account}
        defaultLimit={defaultLimit}
        firstField={firstField}
        onCancel={onClose}
        onSaved={handleSaved}
      >
        <AccountPanels account={account} container={panels} />
      </EditAccountForm>
    </Dialog>
  );
}
