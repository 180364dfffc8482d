'use client';
import { type FormEvent, useState } from 'react';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { TextField } from '#components/text-field.tsx';
import { type AccountDetails, type DeletedAccount, isTypedUsername } from '#lib/api-accounts/schema.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { ReauthDialog } from '../../../reauth/reauth-dialog.tsx';
import { useServerAction } from '../../../use-server-action.ts';
import { deleteAccount } from '../actions.ts';
import { MISSING_ACCOUNT } from '../failure-messages.ts';
import { DeletionEffects } from './deletion-effects.tsx';

const EFFECT = {
  done: 'The API account was deleted.',
  maybe: 'The API account may have been deleted: check the list before you try again.',
};

type DeleteAccountFormProps = {
  account: Pick<AccountDetails, 'id' | 'username' | 'hasPermanentDetails'>;
  onClose: () => void;
  onDeleted: (account: DeletedAccount) => void;
};

/** Deletes an account after its username was typed. */
export function DeleteAccountDialog({ open, ...form }: DeleteAccountFormProps & { open: boolean }) {
  return (
    <Dialog open={open} onOpenChange={form.onClose} title="Delete API account">
      <DeleteAccountForm {...form} />
    </Dialog>
  );
}

function DeleteAccountForm({ account, onClose, onDeleted }: DeleteAccountFormProps) {
  const { id, username } = account;
  const { run, pending, failure, setFailure, reauth } = useServerAction(deleteAccount, EFFECT);
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<string>();

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!isTypedUsername(typed, username)) return setError('Enter the username to confirm.');
    const result = await run({ id, username: typed });
    if (result?.ok) {
      onClose();
      onDeleted(result.account);
    } else if (result?.reason === 'invalid') setError(result.fieldErrors.username);
    else if (result) setFailure({ message: MISSING_ACCOUNT, needsSignIn: false });
  }

  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <DeletionEffects hasPermanentDetails={account.hasPermanentDetails} />
        <p className="min-w-0 break-words">
          <span>To confirm, type </span>
          <bdi translate="no" className="font-semibold">
            {username}
          </bdi>
        </p>
        <TextField
          label="Username to delete"
          name="username"
          value={typed}
          onChange={({ target }) => {
            setTyped(target.value);
            setError(undefined);
          }}
          error={error}
          dir="auto"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          required
        />
        <ActionFailure failure={failure} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="danger" pending={pending} pendingLabel="Deleting…">
            Delete API account
          </Button>
        </DialogButtons>
      </form>
      <ReauthDialog {...reauth} />
    </>
  );
}
