'use client';
import { type FormEvent, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { FailureNotice } from '#components/failure-notice.tsx';
import { NewPasswordField } from '#components/new-password-field.tsx';
import { TextField } from '#components/text-field.tsx';
import { type FieldErrors, toFieldErrors, useFieldErrors } from '#components/use-field-errors.ts';
import type { UserLinkView } from '#lib/identity/passwords/open-link.ts';
import {
  describeLeast,
  describePasswordRefused,
  describeTyped,
  followUserLinkSchema,
  NAMELESS,
} from '#lib/identity/passwords/schema.ts';
import { describeRefusal, NO_RESPONSE } from '../links/refusal-messages.ts';
import { setNewPassword } from './actions.ts';

type SetPasswordFormProps = {
  token: string;
  link: UserLinkView;
  about: string[];
  onSet: () => void;
  onEnded: () => void;
};

/** It may have been done all the same: the link is used up then, and trying again says no more than that. */
const MAYBE_SET = `${NO_RESPONSE} If your link does not work then, your password may be set already: sign in with it.`;

type Errors = FieldErrors<'name' | 'password' | 'form'>;
type Refused = Exclude<Awaited<ReturnType<typeof setNewPassword>>, { ok: true }>;

/** Where each refusal is shown. What was typed stays. */
function errorsOf(refused: Refused): Errors {
  switch (refused.reason) {
    case 'short':
    case 'common':
    case 'about_you':
      return { password: describePasswordRefused(refused) };
    case 'nameless':
      return { name: NAMELESS };
    case 'busy':
      return { form: 'The server is busy, and nothing was changed. Try again in a moment.' };
    case 'ended':
      return {};
    default:
      return { form: describeRefusal(refused) };
  }
}

/** What is wrong with what was typed, before it is sent. */
function check(input: { token: string; name?: string; password: string }): Errors {
  const parsed = followUserLinkSchema.safeParse(input);
  return parsed.success ? {} : toFieldErrors(parsed.error.issues);
}

/** Sends what was typed, once at a time, and says what is wrong with it. */
function useSetting({ onSet, onEnded }: Pick<SetPasswordFormProps, 'onSet' | 'onEnded'>) {
  const { errors, setErrors, recheck } = useFieldErrors<keyof Errors>();
  const [pending, setPending] = useState(false);
  const busy = useRef(false);

  async function send(input: Parameters<typeof check>[0]) {
    const found = check(input);
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    // The connection was lost; the browser's console has the cause.
    const result = await setNewPassword(input).catch(() => null);
    if (!result) return setErrors({ form: MAYBE_SET });
    if (result.ok) return onSet();
    if (result.reason === 'ended') return onEnded();
    setErrors(errorsOf(result));
  }

  async function set(input: Parameters<typeof check>[0]) {
    if (busy.current) return;
    busy.current = true;
    setPending(true);
    await send(input);
    busy.current = false;
    setPending(false);
  }

  return { set, recheck, errors, pending };
}

/** A name, where somebody was invited, and a new password. */
export function SetPasswordForm({ token, link, about, onSet, onEnded }: SetPasswordFormProps) {
  const { set, recheck, errors, pending } = useSetting({ onSet, onEnded });
  const [name, setName] = useState(link.name ?? '');
  const [password, setPassword] = useState('');

  function typeName(typed: string) {
    setName(typed);
    recheck('name', check({ token, name: typed, password }).name);
  }

  function typePassword(typed: string) {
    setPassword(typed);
    recheck('password', describeTyped(typed, link.least));
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
          onChange={(event) => typeName(event.target.value)}
          error={errors.name}
          autoComplete="name"
          required
        />
      )}
      <NewPasswordField
        value={password}
        onChange={typePassword}
        error={errors.password}
        description={describeLeast(link.least)}
        minLength={link.least}
        userInputs={[...about, name]}
        username={link.email}
      />
      <Button type="submit" variant="primary" pending={pending} pendingLabel="Setting it…">
        Set password
      </Button>
    </form>
  );
}
