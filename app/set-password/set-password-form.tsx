'use client';
import { type FormEvent, useRef, useState } from 'react';
import { z } from 'zod';
import { Button } from '#components/button.tsx';
import { FailureNotice } from '#components/failure-notice.tsx';
import { NewPasswordField } from '#components/new-password-field.tsx';
import { SkeletonBox, SkeletonField, SkeletonText } from '#components/skeleton.tsx';
import { TextField } from '#components/text-field.tsx';
import { type FieldErrors, toFieldErrors, useFieldErrors } from '#components/use-field-errors.ts';
import type { EmailLinkView } from '#lib/identity/passwords/read-email-link.ts';
import {
  describePasswordRejection,
  describePasswordRequirement,
  describeTypedPassword,
  followEmailLinkSchema,
  NAME_REQUIRED,
  SERVER_BUSY,
} from '#lib/identity/passwords/schema.ts';
import { links } from '#lib/notifications/message-catalogue/en-links.ts';
import { DRAFT_KEYS } from '../drafts/draft-keys.ts';
import { removeDraft } from '../drafts/draft-storage.ts';
import { useDraft } from '../drafts/use-draft.ts';
import { describeFailedRequest, describeLinkRefusal } from '../links/link-refusal-messages.ts';
import { setNewPassword } from './actions.ts';

type SetPasswordFormProps = {
  token: string;
  link: EmailLinkView;
  /** What an attacker would try first, for the strength meter. */
  userInputs: string[];
  onSet: () => void;
  onInvalidLink: () => void;
};

/** Follows a failed request. If the password was saved, the link no longer works. */
const MAYBE_SAVED = 'Your password may already be saved: try signing in with it.';

type FormErrors = FieldErrors<'name' | 'password' | 'form'>;
type Rejection = Exclude<Awaited<ReturnType<typeof setNewPassword>>, { ok: true }>;

/** Maps a rejection to the fields that show it. */
function toFormErrors(rejection: Rejection): FormErrors {
  switch (rejection.reason) {
    case 'too_short':
    case 'too_common':
    case 'personal_terms':
      return { password: describePasswordRejection(rejection) };
    case 'name_required':
      return { name: NAME_REQUIRED };
    case 'busy':
      return { form: SERVER_BUSY };
    case 'invalid_link':
      // `onInvalidLink` replaces the form.
      return {};
    default:
      return { form: describeLinkRefusal(rejection) };
  }
}

type SetPasswordInput = { token: string; name?: string; password: string };

/** Validates the input before it is sent. */
function validate(input: SetPasswordInput): FormErrors {
  const parsed = followEmailLinkSchema.safeParse(input);
  return parsed.success ? {} : toFieldErrors(parsed.error.issues);
}

/** Saves the password, one request at a time, and returns the errors of the form. */
function useSavePassword({ onSet, onInvalidLink }: Pick<SetPasswordFormProps, 'onSet' | 'onInvalidLink'>) {
  const { errors, setErrors, updateError } = useFieldErrors<keyof FormErrors>();
  const [isPending, setIsPending] = useState(false);
  const isSending = useRef(false);

  async function validateAndSend(input: SetPasswordInput) {
    const inputErrors = validate(input);
    setErrors(inputErrors);
    if (Object.keys(inputErrors).length > 0) return;
    try {
      const result = await setNewPassword(input);
      if (result.ok) {
        removeDraft(DRAFT_KEYS.setPassword);
        return onSet();
      }
      if (result.reason === 'invalid_link') return onInvalidLink();
      setErrors(toFormErrors(result));
    } catch (error) {
      // The browser's console shows why the request failed.
      setErrors({ form: describeFailedRequest(error, links, MAYBE_SAVED) });
    }
  }

  async function save(input: SetPasswordInput) {
    if (isSending.current) return;
    isSending.current = true;
    setIsPending(true);
    await validateAndSend(input);
    isSending.current = false;
    setIsPending(false);
  }

  return { save, updateError, errors, isPending };
}

/** Stands in for the form while the link is opened. */
export function SetPasswordSkeleton() {
  return (
    <>
      <div className="grid gap-6">
        <SkeletonField label="New password" description={describePasswordRequirement(15)} />
        <p>
          <SkeletonText>Show password</SkeletonText>
        </p>
      </div>
      <SkeletonBox className="h-10 w-full sm:h-9" />
    </>
  );
}

/** Asks for a new password, and an invited user also for a name. */
export function SetPasswordForm({ token, link, userInputs, onSet, onInvalidLink }: SetPasswordFormProps) {
  const { save, updateError, errors, isPending } = useSavePassword({ onSet, onInvalidLink });
  const [name, setName] = useState(link.name ?? '');
  const [password, setPassword] = useState('');
  // Only the name: a password must not be stored.
  useDraft({
    key: DRAFT_KEYS.setPassword,
    owner: link.email,
    schema: z.string(),
    typed: name === (link.name ?? '') ? null : name,
    restore: setName,
  });

  function handleNameChange(typed: string) {
    setName(typed);
    updateError('name', validate({ token, name: typed, password }).name);
  }

  function handlePasswordChange(typed: string) {
    setPassword(typed);
    updateError('password', describeTypedPassword(typed, link.minLength));
  }

  function handleSubmit(event: FormEvent) {
    event.preventDefault();
    void save({ token, password, ...(link.name !== null && { name }) });
  }

  return (
    <form method="post" onSubmit={handleSubmit} noValidate className="grid gap-4">
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
      <Button type="submit" variant="primary" pending={isPending} pendingLabel="Saving…">
        Set password
      </Button>
    </form>
  );
}
