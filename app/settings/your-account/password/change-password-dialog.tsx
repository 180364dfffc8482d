'use client';
import { type FormEvent, useState } from 'react';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { NewPasswordField } from '#components/new-password-field.tsx';
import { TextField } from '#components/text-field.tsx';
import { useToast } from '#components/toast.tsx';
import { toFieldErrors, useFieldErrors } from '#components/use-field-errors.ts';
import {
  changePasswordSchema,
  describeLeast,
  describePasswordRefused,
  describeTyped,
} from '#lib/identity/passwords/schema.ts';
import { formatWait } from '#lib/platform/rate-limiter/format.ts';
import { ActionFailure } from '../../action-failure.tsx';
import { useServerAction } from '../../use-server-action.ts';
import { changeOwnPassword } from './actions.ts';

type ChangePasswordProps = { email: string; about: string[]; least: number };

const BUSY = 'The server is busy, and nothing was changed. Try again in a moment.';
const WRONG = 'This is not your present password. Try again.';
const SAME = 'Both are the same. Choose another password.';

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

/** Sends a change, and tells at which field it failed. */
function useChange(onChanged: () => void) {
  const { run, pending, failure, setFailure } = useServerAction(changeOwnPassword);
  const { errors, setErrors, recheck } = useFieldErrors<'present' | 'password'>();

  async function change(typed: { present: string; password: string }) {
    const parsed = changePasswordSchema.safeParse(typed);
    setErrors(parsed.success ? {} : toFieldErrors(parsed.error.issues));
    if (!parsed.success) return;
    const result = await run(parsed.data);
    if (!result || (!result.ok && result.reason === 'malformed')) return;
    if (result.ok) onChanged();
    else if (result.reason === 'throttled') {
      const message = `That was tried too often. Try again in ${formatWait(result.retryAfterSeconds)}.`;
      setFailure({ message, signInAgain: false });
    } else if (result.reason === 'busy') setFailure({ message: BUSY, signInAgain: false });
    else if (result.reason === 'present_wrong') setErrors({ present: WRONG });
    else if (result.reason === 'same') setErrors({ password: SAME });
    else setErrors({ password: describePasswordRefused(result) });
  }
  return { change, pending, failure, errors, recheck };
}

function ChangePasswordForm({ email, about, least, onClose }: ChangePasswordProps & { onClose: () => void }) {
  const toast = useToast();
  const { change, pending, failure, errors, recheck } = useChange(() => {
    onClose();
    toast({ title: 'Your password was changed' });
  });
  const [present, setPresent] = useState('');
  const [password, setPassword] = useState('');

  function typePresent(typed: string) {
    setPresent(typed);
    recheck('present', undefined);
  }

  function typeNew(typed: string) {
    setPassword(typed);
    recheck('password', describeTyped(typed, least));
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    void change({ present, password });
  }

  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <TextField
        label="Present password"
        name="present-password"
        type="password"
        value={present}
        onChange={(event) => typePresent(event.target.value)}
        error={errors.present}
        description="Forgotten? Sign out, and choose “Forgotten your password?” where you sign in."
        autoComplete="current-password"
        required
      />
      <NewPasswordField
        value={password}
        onChange={typeNew}
        error={errors.password}
        description={describeLeast(least)}
        minLength={least}
        userInputs={[email, ...about]}
        username={email}
      />
      <ActionFailure failure={failure} />
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" pending={pending} pendingLabel="Changing…">
          Change password
        </Button>
      </DialogButtons>
    </form>
  );
}
