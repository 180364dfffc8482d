'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import type { RefObject } from 'react';
import { useRef } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { TextField } from '#components/text-field.tsx';
import { useToast } from '#components/toast.tsx';
import { newApiAccountSchema, type StartedDelivery } from '#lib/api-accounts/schema.ts';
import { DRAFT_KEYS } from '../../../../drafts/draft-keys.ts';
import { DraftNotice } from '../../../../drafts/draft-notice.tsx';
import { useDraft } from '../../../../drafts/use-draft.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { ReauthDialog } from '../../../reauth/reauth-dialog.tsx';
import { showFieldErrors } from '../../../show-field-errors.ts';
import { describeQueued } from '../../../test-mode/describe-queued.ts';
import { useOutboxChannels } from '../../../test-mode/outbox-channels.tsx';
import { OUTDATED, useServerAction } from '../../../use-server-action.ts';
import { createAccount } from '../actions.ts';
import { describeBlockedSms } from '../blocked-sms.ts';
import { PhoneError } from '../phone-error.tsx';

const draftSchema = z.object({ username: z.string(), email: z.string(), phone: z.string() });

const EFFECT = {
  done: 'The API account was created. It’s in the list.',
  maybe: 'The API account may have been created: check the list before you try again.',
};

type NewAccountDialogProps = {
  open: boolean;
  onClose: () => void;
  buttonAboveList: RefObject<HTMLButtonElement | null>;
};

export function NewAccountDialog({ open, onClose, buttonAboveList }: NewAccountDialogProps) {
  const toast = useToast();
  const outbox = useOutboxChannels();
  const hasCreated = useRef(false);

  function handleCreated({ username, email, phone, smsBlockedReason }: StartedDelivery) {
    hasCreated.current = true;
    onClose();
    const link = { content: 'the link', recipient: email };
    if (smsBlockedReason !== null) {
      toast({
        tone: 'danger',
        title: `${username} created, but the text wasn’t sent`,
        description: `${describeQueued({ email: link }, outbox)} ${describeBlockedSms(smsBlockedReason)}`,
      });
      return;
    }
    toast({
      title: `${username} created`,
      description: describeQueued({ email: link, sms: { content: 'the code', recipient: phone } }, outbox),
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
      <NewAccountForm onCancel={onClose} onCreated={handleCreated} />
    </Dialog>
  );
}

type NewAccountFormProps = { onCancel: () => void; onCreated: (account: StartedDelivery) => void };

function NewAccountForm({ onCancel, onCreated }: NewAccountFormProps) {
  const { run, pending, failure, setFailure, reauth } = useServerAction(createAccount, EFFECT);
  const { register, handleSubmit, setError, formState, ...form } = useForm({
    resolver: zodResolver(newApiAccountSchema),
    defaultValues: { username: '', email: '', phone: '' },
  });
  const { errors } = formState;
  const typed = form.watch();
  const draft = useDraft({
    key: DRAFT_KEYS.newAccount,
    schema: draftSchema,
    typed: Object.values(typed).some(Boolean) ? typed : null,
    restore: (values) => form.reset(values, { keepDefaultValues: true }),
  });

  const submit = handleSubmit(async (values) => {
    const result = await run(values);
    if (result?.ok) onCreated(result.account);
    else if (result && !showFieldErrors(['username', 'email', 'phone'], result.fieldErrors, setError))
      setFailure(OUTDATED);
  });

  function discardDraft() {
    // Before the reset, after which the fields are not registered until the next render.
    form.setFocus('username');
    form.reset();
    draft.forget();
  }

  function replacePhone(phone: string) {
    form.setValue('phone', phone, { shouldDirty: true });
    form.clearErrors('phone');
    form.setFocus('phone');
  }

  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-4">
        {draft.isRestored && <DraftNotice onDiscard={discardDraft} />}
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
              <PhoneError message={errors.phone.message} onUseSuggestion={replacePhone} />
            )
          }
          description="We’ll text the code here. Use a mobile, starting with the country code: +447400123456."
          autoComplete="off"
          required
        />
        <ActionFailure failure={failure} />
        <DialogButtons>
          <Button onClick={onCancel}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Creating…">
            Create API Account
          </Button>
        </DialogButtons>
      </form>
      <ReauthDialog {...reauth} />
    </>
  );
}
