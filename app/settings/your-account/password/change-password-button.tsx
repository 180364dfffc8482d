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
  describePasswordRejection,
  describePasswordRequirement,
  describeTypedPassword,
  SERVER_BUSY,
} from '#lib/identity/passwords/schema.ts';
import { describeRateLimit } from '#lib/platform/rate-limiter/format.ts';
import { ActionFailure } from '../../action-failure.tsx';
import { ReauthDialog } from '../../reauth/reauth-dialog.tsx';
import { useServerAction } from '../../use-server-action.ts';
import { changeOwnPassword } from './actions.ts';

type ChangePasswordProps = {
  email: string;
  /** Words that make a password weak, such as the user's name. */
  userInputs: string[];
  minLength: number;
};

const WRONG_PASSWORD = 'That isn’t your current password. Try again.';
const SAME_PASSWORD = 'That’s your current password. Choose a different one.';

const EFFECT = {
  done: 'Your password was changed.',
  maybe:
    'Your password may have been changed. Try again: if your current password is refused, the new one is already in use.',
};

export function ChangePasswordButton(props: ChangePasswordProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Change password</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Change password"
        description="You’ll be signed out everywhere else."
      >
        <ChangePasswordForm {...props} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

/** Changes the password, and shows an error at the field that caused it. */
function usePasswordChange(onChanged: () => void) {
  const { run, pending, failure, setFailure, reauth } = useServerAction(changeOwnPassword, EFFECT);
  const { errors, setErrors, updateError } = useFieldErrors<'current' | 'password'>();

  async function change(typed: { current: string; password: string }) {
    const parsed = changePasswordSchema.safeParse(typed);
    setErrors(parsed.success ? {} : toFieldErrors(parsed.error.issues));
    if (!parsed.success) return;
    const result = await run(parsed.data);
    if (!result || (!result.ok && result.reason === 'malformed')) return;
    if (result.ok) onChanged();
    else if (result.reason === 'rate_limited') {
      setFailure({ message: describeRateLimit(result.retryAfterSeconds), needsSignIn: false });
    } else if (result.reason === 'busy') setFailure({ message: SERVER_BUSY, needsSignIn: false });
    else if (result.reason === 'wrong_password') setErrors({ current: WRONG_PASSWORD });
    else if (result.reason === 'same_password') setErrors({ password: SAME_PASSWORD });
    else setErrors({ password: describePasswordRejection(result) });
  }
  return { change, pending, failure, errors, updateError, reauth };
}

type ChangePasswordFormProps = ChangePasswordProps & { onClose: () => void };

function ChangePasswordForm({ email, userInputs, minLength, onClose }: ChangePasswordFormProps) {
  const toast = useToast();
  const { change, pending, failure, errors, updateError, reauth } = usePasswordChange(() => {
    onClose();
    toast({ title: 'Password changed' });
  });
  const [currentPassword, setCurrentPassword] = useState('');
  const [password, setPassword] = useState('');

  function handleCurrentPasswordChange(typed: string) {
    setCurrentPassword(typed);
    updateError('current', undefined);
  }

  function handleNewPasswordChange(typed: string) {
    setPassword(typed);
    updateError('password', describeTypedPassword(typed, minLength));
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    void change({ current: currentPassword, password });
  }

  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <TextField
        label="Current password"
        name="current-password"
        type="password"
        value={currentPassword}
        onChange={(event) => handleCurrentPasswordChange(event.target.value)}
        error={errors.current}
        description="Forgotten it? Sign out and select “Forgotten your password?” on the sign-in page."
        autoComplete="current-password"
        required
      />
      <NewPasswordField
        value={password}
        onChange={handleNewPasswordChange}
        error={errors.password}
        description={describePasswordRequirement(minLength)}
        minLength={minLength}
        userInputs={[email, ...userInputs]}
        username={email}
      />
      <ActionFailure failure={failure} />
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" pending={pending} pendingLabel="Changing…">
          Change password
        </Button>
      </DialogButtons>
      <ReauthDialog {...reauth} />
    </form>
  );
}
