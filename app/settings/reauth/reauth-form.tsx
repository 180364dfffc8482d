'use client';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { DialogButtons } from '#components/dialog.tsx';
import { FailureNotice } from '#components/failure-notice.tsx';
import { Notice } from '#components/notice.tsx';
import { TextField } from '#components/text-field.tsx';
import { MAX_TYPED_LENGTH } from '#lib/platform/user-input/characters.ts';
import { ActionFailure } from '../action-failure.tsx';
import type { ReauthPrompt } from '../use-server-action.ts';
import { type ReauthMethods, useReauth } from './use-reauth.ts';

/** A method for which the user types something. */
type TypedMethod = 'password' | 'totp';

const FIELDS = {
  password: { label: 'Your password', type: 'password', autoComplete: 'current-password' },
  totp: {
    label: 'Code from your authenticator app',
    inputMode: 'numeric',
    autoComplete: 'one-time-code',
    maxLength: MAX_TYPED_LENGTH,
    description: 'The 6-digit code shown in your app.',
  },
} as const;
const SWITCH_LABELS = { password: 'Use your password', totp: 'Use your authenticator app' } as const;

/** Returns the method whose field is shown first; null if the user has no method with a field. */
function getDefaultTypedMethod({ password, totp }: ReauthMethods): TypedMethod | null {
  if (password) return 'password';
  return totp ? 'totp' : null;
}

/** Describes what a user who has lost their second factor can do; null if the user has none, or can use the provider. */
function describeLostDevice({ hasPassword, totp, passkey, provider }: ReauthMethods): string | null {
  if (!totp && !passkey) return null;
  if (hasPassword) return 'Lost your device? Sign out, then sign in with your password and a recovery code.';
  if (provider) return null;
  return 'Lost your device? Ask a Settings Administrator to unlink your single sign-on and send you an invitation. Then sign in with the password you set and a recovery code.';
}

type ReauthFormProps = { methods: ReauthMethods; onDone: ReauthPrompt['onDone'] };

/** Re-authenticates with one of the methods that the user has. */
export function ReauthForm({ methods, onDone }: ReauthFormProps) {
  const { submit, submitPasskey, openProviderWindow, pending, error, setError, failure } = useReauth(
    methods,
    () => onDone(true),
  );
  const [typedMethod, setTypedMethod] = useState(() => getDefaultTypedMethod(methods));
  const field = useRef<HTMLInputElement>(null);
  const lostDeviceHint = describeLostDevice(methods);

  useEffect(() => {
    if (typedMethod) field.current?.focus();
  }, [typedMethod]);

  function handleSubmit(event: FormEvent) {
    event.preventDefault();
    // React events bubble through portals: without this, a form around this dialog would be submitted too.
    event.stopPropagation();
    const value = field.current?.value ?? '';
    const input =
      typedMethod === 'totp'
        ? { kind: typedMethod, code: value }
        : { kind: 'password' as const, password: value };
    void submit(input).then(() => field.current?.select());
  }

  function chooseMethod(method: TypedMethod) {
    setError(null);
    setTypedMethod(method);
  }

  return (
    <form onSubmit={handleSubmit} noValidate className="grid gap-4">
      {typedMethod && (
        <TextField
          key={typedMethod}
          ref={field}
          name={typedMethod}
          {...FIELDS[typedMethod]}
          error={error ?? undefined}
          required
        />
      )}
      {!typedMethod && !methods.passkey && !methods.provider && (
        <Notice tone="info">
          <p>Sign out and back in to confirm it’s you.</p>
        </Notice>
      )}
      {lostDeviceHint && <p className="text-muted text-sm">{lostDeviceHint}</p>}
      {!typedMethod && <FailureNotice failure={error} />}
      <ActionFailure failure={failure} />
      <MethodButtons
        methods={methods}
        typedMethod={typedMethod}
        onChoose={chooseMethod}
        onPasskey={submitPasskey}
        onProvider={openProviderWindow}
      />
      <DialogButtons>
        <Button onClick={() => onDone(false)}>Cancel</Button>
        {typedMethod && (
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Checking…">
            Confirm
          </Button>
        )}
      </DialogButtons>
    </form>
  );
}

type MethodButtonsProps = {
  methods: ReauthMethods;
  typedMethod: TypedMethod | null;
  onChoose: (method: TypedMethod) => void;
  onPasskey: () => void;
  onProvider: () => void;
};

/** Renders a button for each method except the one whose field is shown. */
function MethodButtons({ methods, typedMethod, onChoose, onPasskey, onProvider }: MethodButtonsProps) {
  const otherTyped = (['password', 'totp'] as const).filter(
    (method) => methods[method] && method !== typedMethod,
  );
  return (
    <div className="flex flex-wrap gap-2 empty:hidden">
      {methods.provider && (
        <Button size="sm" onClick={onProvider}>
          Confirm with {methods.provider}
        </Button>
      )}
      {methods.passkey && (
        <Button size="sm" variant={typedMethod ? 'secondary' : 'primary'} onClick={onPasskey}>
          Use a passkey
        </Button>
      )}
      {otherTyped.map((method) => (
        <Button key={method} size="sm" onClick={() => onChoose(method)}>
          {SWITCH_LABELS[method]}
        </Button>
      ))}
    </div>
  );
}
