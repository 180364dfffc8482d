'use client';
import { useRouter } from 'next/navigation';
import { type RefObject, useRef } from 'react';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { TextField } from '#components/text-field.tsx';
import { useToast } from '#components/toast.tsx';
import type { StartedDelivery } from '#lib/api-accounts/schema.ts';
import type { SmsUsage } from '#lib/notifications/sms/schema.ts';
import { DraftNotice } from '../../../../drafts/draft-notice.tsx';
import { ActionFailure } from '../../../action-failure.tsx';
import { ReauthDialog } from '../../../reauth/reauth-dialog.tsx';
import { describeQueued } from '../../../test-mode/describe-queued.ts';
import { useOutboxChannels } from '../../../test-mode/outbox-channels.tsx';
import type { AccessOptions } from '../access/read-access-options.ts';
import { describeBlockedSms } from '../blocked-sms.ts';
import { EmailHint } from '../email-hint.tsx';
import { buildAccountsHref } from '../list/accounts-query.ts';
import { PhoneConfirmation } from '../phone-confirmation.tsx';
import { PhoneError } from '../phone-error.tsx';
import { AccessPart } from './access-part.tsx';
import { SmsLimitWarning } from './sms-limit-warning.tsx';
import { useNewAccountForm } from './use-new-account-form.ts';

type NewAccountDialogProps = {
  open: boolean;
  onClose: () => void;
  buttonAboveList: RefObject<HTMLButtonElement | null>;
  /** Today's text messages; null for a viewer, who opens no dialog. */
  smsUsage: SmsUsage | null;
  /** Null for a viewer, who opens no dialog. */
  accessOptions: AccessOptions | null;
};

export function NewAccountDialog({
  open,
  onClose,
  buttonAboveList,
  smsUsage,
  accessOptions,
}: NewAccountDialogProps) {
  const toast = useToast();
  const router = useRouter();
  const outbox = useOutboxChannels();
  const hasCreated = useRef(false);

  function handleCreated({ id, username, email, phone, smsBlockedReason }: StartedDelivery) {
    hasCreated.current = true;
    onClose();
    const link = { content: 'the link', recipient: email };
    // Shows the account first in the list, which a search, a tab or another page might hide.
    router.push(buildAccountsHref({ created: id }));
    if (smsBlockedReason !== null) {
      toast({
        tone: 'danger',
        title: `${username} created, but the text wasn’t sent`,
        description: `${describeQueued({ email: link }, outbox)} ${describeBlockedSms(smsBlockedReason)}`,
        about: id,
      });
      return;
    }
    toast({
      title: `${username} created`,
      description: describeQueued({ email: link, sms: { content: 'the code', recipient: phone } }, outbox),
      about: id,
    });
  }

  /**
   * Returns what gets the focus on closing. After a creation it is the button above the list, because the button of an
   * empty list, which may have opened this dialog, has disappeared.
   */
  function getFinalFocus() {
    const target = hasCreated.current ? buttonAboveList.current : null;
    hasCreated.current = false;
    return target ?? true;
  }

  return (
    <Dialog
      open={open}
      onOpenChange={onClose}
      title="New API Account"
      description="We’ll email the company a link and text them a code. They use both to see their API key, once."
      finalFocus={getFinalFocus}
    >
      {smsUsage && <SmsLimitWarning usage={smsUsage} />}
      <NewAccountForm onCancel={onClose} onCreated={handleCreated} accessOptions={accessOptions} />
    </Dialog>
  );
}

type NewAccountFormProps = {
  onCancel: () => void;
  onCreated: (account: StartedDelivery) => void;
  accessOptions: AccessOptions | null;
};

function NewAccountForm({ onCancel, onCreated, accessOptions }: NewAccountFormProps) {
  const form = useNewAccountForm(onCreated, accessOptions?.defaultExpiresAt ?? null);
  const { errors, register, replaceValue, pending } = form;
  return (
    <>
      <form onSubmit={form.submit} noValidate className="grid gap-4">
        {form.isDraftRestored && <DraftNotice onDiscard={form.discardDraft} />}
        <TextField
          label="Username"
          {...register('username')}
          error={errors.username?.message}
          description="Usually the company’s name. They use it with their key, so it can’t be changed later."
          autoComplete="off"
          spellCheck={false}
          required
        />
        <TextField
          label="Email address"
          type="email"
          {...register('email')}
          error={errors.email?.message}
          hint={
            form.checkedEmail ? (
              <EmailHint
                email={form.checkedEmail}
                onUseSuggestion={(email) => replaceValue('email', email)}
              />
            ) : null
          }
          description="We’ll send the link here."
          autoComplete="off"
          required
        />
        <TextField
          label="Phone number"
          type="tel"
          {...register('phone')}
          error={
            errors.phone?.message && (
              <PhoneError
                message={errors.phone.message}
                onUseSuggestion={(phone) => replaceValue('phone', phone)}
              />
            )
          }
          description="We’ll text the code here. Use a mobile, starting with the country code: +447400123456."
          autoComplete="off"
          required
        />
        {form.phoneConfirmation && <PhoneConfirmation {...form.phoneConfirmation} />}
        {accessOptions && (
          <AccessPart
            control={form.control}
            errors={errors}
            typed={form.access}
            clearError={form.clearError}
            setFocus={form.setFocus}
            options={accessOptions}
          />
        )}
        <ActionFailure failure={form.failure} />
        <DialogButtons>
          <Button onClick={onCancel}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Creating…">
            Create API Account
          </Button>
        </DialogButtons>
      </form>
      <ReauthDialog {...form.reauth} />
    </>
  );
}
