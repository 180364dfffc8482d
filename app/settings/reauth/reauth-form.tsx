'use client';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { DialogButtons } from '#components/dialog.tsx';
import { FailureNotice } from '#components/failure-notice.tsx';
import { Notice } from '#components/notice.tsx';
import { TextField } from '#components/text-field.tsx';
import { ActionFailure } from '../action-failure.tsx';
import type { ReauthPrompt } from '../use-server-action.ts';
import { type ReauthMethods, useReauth } from './use-reauth.ts';

type TypedMethod = 'password' | 'totp';

const FIELDS = {
  password: { label: 'Your password', type: 'password', autoComplete: 'current-password' },
  totp: {
    label: 'Code from your authenticator app',
    inputMode: 'numeric',
    autoComplete: 'one-time-code',
    description: 'The 6-digit code shown in your app.',
  },
} as const;
const SWITCH_LABELS = { password: 'Use your password', totp: 'Use your authenticator app' } as const;

function defaultMethod({ password, totp }: ReauthMethods): TypedMethod | null {
  if (password) return 'password';
  return totp ? 'totp' : null;
}

type ReauthFormProps = { methods: ReauthMethods; onDone: ReauthPrompt['onDone'] };

/** Re-authenticates with one of the methods that the user has. */
export function ReauthForm({ methods, onDone }: ReauthFormProps) {
  const { submit, submitPasskey, openProvider, pending, error, setError, failure } = useReauth(methods, () =>
    onDone(true),
  );
  const [kind, setKind] = useState(() => defaultMethod(methods));
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (kind) field.current?.focus();
  }, [kind]);

  function send(event: FormEvent) {
    event.preventDefault();
    // In React's tree the event would bubble to the form that this dialog covers.
    event.stopPropagation();
    const value = field.current?.value ?? '';
    const input = kind === 'totp' ? { kind, code: value } : { kind: 'password' as const, password: value };
    void submit(input).then(() => field.current?.select());
  }

  function choose(other: TypedMethod) {
    setError(null);
    setKind(other);
  }

  return (
    <form onSubmit={send} noValidate className="grid gap-4">
      {kind && (
        <TextField key={kind} ref={field} name={kind} {...FIELDS[kind]} error={error ?? undefined} required />
      )}
      {!kind && !methods.passkey && !methods.provider && (
        <Notice tone="info">
          <p>Sign out and back in to confirm it’s you.</p>
        </Notice>
      )}
      {!kind && <FailureNotice failure={error} />}
      <ActionFailure failure={failure} />
      <OtherMethods
        methods={methods}
        kind={kind}
        onChoose={choose}
        onPasskey={submitPasskey}
        onProvider={openProvider}
      />
      <DialogButtons>
        <Button onClick={() => onDone(false)}>Cancel</Button>
        {kind && (
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Checking…">
            Confirm
          </Button>
        )}
      </DialogButtons>
    </form>
  );
}

type OtherMethodsProps = {
  methods: ReauthMethods;
  kind: TypedMethod | null;
  onChoose: (other: TypedMethod) => void;
  onPasskey: () => void;
  onProvider: () => void;
};

function OtherMethods({ methods, kind, onChoose, onPasskey, onProvider }: OtherMethodsProps) {
  const others = (['password', 'totp'] as const).filter((each) => methods[each] && each !== kind);
  return (
    <div className="flex flex-wrap gap-2 empty:hidden">
      {methods.provider && (
        <Button size="sm" onClick={onProvider}>
          Confirm with {methods.provider}
        </Button>
      )}
      {methods.passkey && (
        <Button size="sm" onClick={onPasskey}>
          Use a passkey
        </Button>
      )}
      {others.map((other) => (
        <Button key={other} size="sm" onClick={() => onChoose(other)}>
          {SWITCH_LABELS[other]}
        </Button>
      ))}
    </div>
  );
}
