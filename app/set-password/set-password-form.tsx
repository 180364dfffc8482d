'use client';
import { type FormEvent, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { FailureNotice } from '#components/failure-notice.tsx';
import { NewPasswordField } from '#components/new-password-field.tsx';
import { TextField } from '#components/text-field.tsx';
import { type FieldErrors, toFieldErrors, useFieldErrors } from '#components/use-field-errors.ts';
import type { UserLinkView } from '#lib/identity/passwords/open-link.ts';
import {
  describePasswordRejection,
  describePasswordRequirement,
  describeTypedPassword,
  followUserLinkSchema,
  NAME_REQUIRED,
  SERVER_BUSY,
} from '#lib/identity/passwords/schema.ts';
import { describeRefusal, NO_RESPONSE } from '../links/refusal-messages.ts';
import { setNewPassword } from './actions.ts';

type SetPasswordFormProps = {
  token: string;
  link: UserLinkView;
  userInputs: string[];
  onSet: () => void;
  onInvalidLink: () => void;
};

/** The password may have been saved despite the lost connection; then the link no longer works. */
const MAYBE_SAVED = `${NO_RESPONSE} Your password may already be saved: try signing in with it.`;

type Errors = FieldErrors<'name' | 'password' | 'form'>;
type Rejected = Exclude<Awaited<ReturnType<typeof setNewPassword>>, { ok: true }>;

/** Maps a rejection to the fields that show it. */
function toErrors(rejected: Rejected): Errors {
  switch (rejected.reason) {
    case 'short':
    case 'common':
    case 'about_you':
      return { password: describePasswordRejection(rejected) };
    case 'name_required':
      return { name: NAME_REQUIRED };
    case 'busy':
      return { form: SERVER_BUSY };
    case 'ended':
      return {};
    default:
      return { form: describeRefusal(rejected) };
  }
}

/** Validates the input before it is sent. */
function validate(input: { token: string; name?: string; password: string }): Errors {
  const parsed = followUserLinkSchema.safeParse(input);
  return parsed.success ? {} : toFieldErrors(parsed.error.issues);
}

/** Sets the password, one request at a time, and returns the errors of the fields. */
function usePasswordSetting({ onSet, onInvalidLink }: Pick<SetPasswordFormProps, 'onSet' | 'onInvalidLink'>) {
  const { errors, setErrors, recheck } = useFieldErrors<keyof Errors>();
  const [pending, setPending] = useState(false);
  const isBusy = useRef(false);

  async function send(input: Parameters<typeof validate>[0]) {
    const invalid = validate(input);
    setErrors(invalid);
    if (Object.keys(invalid).length > 0) return;
    // Null if the request failed. The browser's console shows the cause.
    const result = await setNewPassword(input).catch(() => null);
    if (!result) return setErrors({ form: MAYBE_SAVED });
    if (result.ok) return onSet();
    if (result.reason === 'ended') return onInvalidLink();
    setErrors(toErrors(result));
  }

  async function set(input: Parameters<typeof validate>[0]) {
    if (isBusy.current) return;
    isBusy.current = true;
    setPending(true);
    await send(input);
    isBusy.current = false;
    setPending(false);
  }

  return { set, recheck, errors, pending };
}

/** Asks for a new password, and an invited user also for a name. */
export function SetPasswordForm({ token, link, userInputs, onSet, onInvalidLink }: SetPasswordFormProps) {
  const { set, recheck, errors, pending } = usePasswordSetting({ onSet, onInvalidLink });
  const [name, setName] = useState(link.name ?? '');
  const [password, setPassword] = useState('');

  function handleNameChange(typed: string) {
    setName(typed);
    recheck('name', validate({ token, name: typed, password }).name);
  }

  function handlePasswordChange(typed: string) {
    setPassword(typed);
    recheck('password', describeTypedPassword(typed, link.minLength));
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    void set({ token, password, ...(link.name !== null && { name }) });
  }

  return (
    <form method="post" onSubmit={submit} noValidate className="grid gap-4">
      <FailureNotice failure={errors.form} />
      {link.name !== null && (
        <TextField
          label="Your name"
          name="name"
          value={name}
          onChange={(event) => handleNameChange(event.target.value)}
          error={errors.name}
          autoComplete="name"
          required
        />
      )}
      <NewPasswordField
        value={password}
        onChange={handlePasswordChange}
        error={errors.password}
        description={describePasswordRequirement(link.minLength)}
        minLength={link.minLength}
        userInputs={[...userInputs, name]}
        username={link.email}
      />
      <Button type="submit" variant="primary" pending={pending} pendingLabel="Saving…">
        Set password
      </Button>
    </form>
  );
}
