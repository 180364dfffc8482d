'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import type { RefObject } from 'react';
import { useRef } from 'react';
import { useForm } from 'react-hook-form';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { TextField } from '#components/text-field.tsx';
import { useToast } from '#components/toast.tsx';
import { newApiAccountSchema, type StartedDelivery } from '#lib/api-accounts/schema.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { MessageWithSettingsLink } from '../../../message-with-settings-link.tsx';
import { ReauthDialog } from '../../../reauth/reauth-dialog.tsx';
import { showFieldErrors } from '../../../show-field-errors.ts';
import { useServerAction } from '../../../use-server-action.ts';
import { createAccount } from '../actions.ts';
import { describeBlockedSms } from '../blocked-sms.ts';

type NewAccountDialogProps = {
  open: boolean;
  onClose: () => void;
  mainButton: RefObject<HTMLButtonElement | null>;
};

export function NewAccountDialog({ open, onClose, mainButton }: NewAccountDialogProps) {
  const toast = useToast();
  const hasCreated = useRef(false);

  function handleCreated({ username, email, phone, smsBlockedReason }: StartedDelivery) {
    hasCreated.current = true;
    onClose();
    if (smsBlockedReason !== null) {
      toast({
        tone: 'danger',
        title: `${username} was created, but no text was sent`,
        description: `The link goes to ${email}. ${describeBlockedSms(phone, smsBlockedReason)}`,
      });
      return;
    }
    toast({
      title: `${username} was created`,
      description: `The link goes to ${email} and the code to ${phone}. Once both are used, the status changes from “Waiting for reveal” to “Active”.`,
    });
  }

  /** Returns the focus to the button above the list: the one of an empty list disappears with the first account. */
  function getFinalFocus() {
    const target = hasCreated.current ? mainButton.current : null;
    hasCreated.current = false;
    return target ?? true;
  }

  return (
    <Dialog
      open={open}
      onOpenChange={onClose}
      title="New API Account"
      description="The company gets a link by email and a code by text. With both, they see their API key, once."
      finalFocus={getFinalFocus}
    >
      <NewAccountForm onCancel={onClose} onCreated={handleCreated} />
    </Dialog>
  );
}

type NewAccountFormProps = { onCancel: () => void; onCreated: (account: StartedDelivery) => void };

function NewAccountForm({ onCancel, onCreated }: NewAccountFormProps) {
  const { run, pending, failure, reauth } = useServerAction(createAccount);
  const { register, handleSubmit, setError, formState } = useForm({
    resolver: zodResolver(newApiAccountSchema),
    defaultValues: { username: '', email: '', phone: '' },
  });
  const { errors } = formState;

  const submit = handleSubmit(async (values) => {
    const result = await run(values);
    if (result?.ok) onCreated(result.account);
    else if (result) showFieldErrors(['username', 'email', 'phone'], result.fieldErrors, setError);
  });

  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <TextField
          label="Username"
          {...register('username')}
          error={errors.username?.message}
          description="The company’s name, as they will use it with their key. It cannot be changed later."
          autoComplete="off"
          spellCheck={false}
          required
        />
        <TextField
          label="Email address"
          type="email"
          {...register('email')}
          error={errors.email?.message}
          description="Gets the link."
          autoComplete="off"
          required
        />
        <TextField
          label="Phone number"
          type="tel"
          {...register('phone')}
          error={
            errors.phone?.message && (
              <MessageWithSettingsLink newTab>{errors.phone.message}</MessageWithSettingsLink>
            )
          }
          description="Gets the code by text: a mobile in international form, such as +447400123456."
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
