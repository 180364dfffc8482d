'use client';
import { type RefObject, useRef } from 'react';
import { Dialog } from '#components/dialog.tsx';
import { useToast } from '#components/toast.tsx';
import { NOTICES_PER_HOUR } from '#lib/api-accounts/contact-changes/limits.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { describeBlockedSms } from '../blocked-sms.ts';
import { AccountPanels } from './account-panels.tsx';
import { EditAccountForm } from './edit-account-form.tsx';
import { sameValue } from './edit-conflict.ts';
import { formatLimit } from './limit-labels.ts';
import type { Saved } from './use-account-editor.ts';

type EditAccountDialogProps = {
  open: boolean;
  onClose: () => void;
  account: AccountSummary;
  defaultLimit: number | null;
  /** Where the keyboard begins. */
  at: 'fields' | 'hand_over';
};

type Words = { title: string; description: string };

/** Whether the address before was told of another address or number; nothing where neither is another. */
function describeNotice({ before, after, addressBeforeTold }: Saved): string[] {
  const email = !sameValue('email', before, after);
  const phone = !sameValue('phone', before, after);
  if (!email && !phone) return [];
  const what = email && phone ? 'address and the number' : email ? 'address' : 'number';
  return addressBeforeTold
    ? [`We tell ${before.email} that the ${what} changed.`]
    : [`${before.email} is not told this time: ${NOTICES_PER_HOUR} such notices went out within an hour.`];
}

/** What was done, to whom messages went, and what comes next. */
function describeSaved(saved: Saved, defaultLimit: number | null): Words {
  const { before, after, revealRestarted } = saved;
  const activity = before.active === after.active ? '' : after.active ? 'active again' : 'inactive';
  const title = activity ? `${after.username} is ${activity}` : `${after.username} was saved`;
  const sentences: string[] = [];
  if (before.active && !after.active) sentences.push('Its API key is refused from now on.');
  if (!before.active && after.active) sentences.push('Its API key, once revealed, works from now on.');
  if (revealRestarted && after.textRefused !== null) {
    sentences.push(
      `A new link goes to ${after.email}; the earlier link and code no longer work. ${describeBlockedSms(after.phone, after.textRefused)}`,
    );
  } else if (revealRestarted) {
    sentences.push(
      `A new link goes to ${after.email} and a new code to ${after.phone}. The earlier ones no longer work.`,
    );
  } else if (!sameValue('email', before, after) || !sameValue('phone', before, after)) {
    sentences.push('The API key stays as it is.');
  }
  sentences.push(...describeNotice(saved));
  if (before.requestsPerMinute !== after.requestsPerMinute) {
    sentences.push(`From now on ${formatLimit(after.requestsPerMinute, defaultLimit)}.`);
  }
  return { title, description: sentences.join(' ') || 'Nothing was different from before.' };
}

export function EditAccountDialog({ open, onClose, account, defaultLimit, at }: EditAccountDialogProps) {
  const toast = useToast();
  const firstField: RefObject<HTMLInputElement | null> = useRef(null);
  const panel: RefObject<HTMLDivElement | null> = useRef(null);

  function finish(saved: Saved) {
    onClose();
    const tone = saved.revealRestarted && saved.after.textRefused !== null ? 'danger' : 'success';
    toast({ tone, ...describeSaved(saved, defaultLimit) });
  }

  return (
    <Dialog
      open={open}
      onOpenChange={onClose}
      title="Edit API Account"
      initialFocus={at === 'fields' ? firstField : panel}
      wide
    >
      <EditAccountForm
        account={account}
        defaultLimit={defaultLimit}
        firstField={firstField}
        onCancel={onClose}
        onSaved={finish}
      >
        <AccountPanels account={account} panel={panel} />
      </EditAccountForm>
    </Dialog>
  );
}
