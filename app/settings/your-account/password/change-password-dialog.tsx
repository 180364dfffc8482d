'use client';
import { type FormEvent, useState } from 'react';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { NewPasswordField } from '#components/new-password-field.tsx';
import { useToast } from '#components/toast.tsx';
import {
  changePasswordSchema,
  describeLeast,
  describePasswordRefused,
  describeTyped,
} from '#lib/passwords/schema.ts';
import { waitInWords } from '#lib/throttles/format.ts';
import { ActFailure } from '../../act-failure.tsx';
import { ProofDialog } from '../../proof/proof-dialog.tsx';
import { useAct } from '../../use-act.ts';
import { changeOwnPassword } from './actions.ts';

type ChangePasswordProps = { email: string; about: string[]; least: number };

const FAILED = {
  missing: 'You sign in without a password: there is none to change.',
  busy: 'The server is busy, and nothing was changed. Try again in a moment.',
} as const;

export function ChangePasswordButton(props: ChangePasswordProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Change password</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Change password"
        description="Wherever else you are signed in, you are signed out."
      >
        <ChangePasswordForm {...props} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function ChangePasswordForm({ email, about, least, onClose }: ChangePasswordProps & { onClose: () => void }) {
  const { act, pending, failure, setFailure, proof } = useAct(changeOwnPassword);
  const toast = useToast();
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string | undefined>();

  function type(typed: string) {
    setPassword(typed);
    // Once it was told to be wrong, it says what is wrong with it now; empty: nothing.
    setError((before) => (before === undefined ? before : (describeTyped(typed, least) ?? '')));
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    const parsed = changePasswordSchema.safeParse({ password });
    setError(parsed.error?.issues[0]?.message);
    if (!parsed.success) return;
    const result = await act(parsed.data);
    if (!result || (!result.ok && result.reason === 'malformed')) return;
    if (result.ok) {
      onClose();
      toast({ title: 'Your password was changed' });
    } else if (result.reason === 'throttled') {
      const wait = waitInWords(result.retryAfterSeconds);
      setFailure({
        message: `You have changed your password too often. Try again in ${wait}.`,
        signInAgain: false,
      });
    } else if (result.reason === 'present') {
      setError('That is your present password. Choose another.');
    } else if (result.reason === 'missing' || result.reason === 'busy') {
      setFailure({ message: FAILED[result.reason], signInAgain: false });
    } else setError(describePasswordRefused(result));
  }

  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <NewPasswordField
        value={password}
        onChange={type}
        error={error}
        description={describeLeast(least)}
        least={least}
        about={[email, ...about]}
        username={email}
      />
      <ActFailure failure={failure} />
      <ProofDialog {...proof} />
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" pending={pending} pendingLabel="Changing…">
          Change password
        </Button>
      </DialogButtons>
    </form>
  );
}
