'use client';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { DialogButtons } from '#components/dialog.tsx';
import { FailureNotice } from '#components/failure-notice.tsx';
import { Notice } from '#components/notice.tsx';
import { TextField } from '#components/text-field.tsx';
import { ActionFailure } from '../action-failure.tsx';
import type { ReauthRequested } from '../use-server-action.ts';
import { type ReauthMethods, useReauth } from './use-reauth.ts';

type Typed = 'password' | 'totp';

const FIELDS = {
  password: { label: 'Your password', type: 'password', autoComplete: 'current-password' },
  totp: {
    label: 'Code from your authenticator app',
    inputMode: 'numeric',
    autoComplete: 'one-time-code',
    description: '6 digits.',
  },
} as const;
const OTHER = { password: 'Use your password', totp: 'Use your authenticator app' } as const;

function firstOf({ password, totp }: ReauthMethods): Typed | null {
  if (password) return 'password';
  return totp ? 'totp' : null;
}

/** A password, a code or a passkey: whatever the person has. */
export function ReauthForm({ ways, onDone }: { ways: ReauthMethods; onDone: ReauthRequested['onDone'] }) {
  const { give, givePasskey, giveAtProvider, pending, error, setError, failure } = useReauth(ways, () =>
    onDone(true),
  );
  const [kind, setKind] = useState(() => firstOf(ways));
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (kind) field.current?.focus();
  }, [kind]);

  function send(event: FormEvent) {
    event.preventDefault();
    // React hands it on to the form that this dialog stands over, which is not what is being sent.
    event.stopPropagation();
    const typed = field.current?.value ?? '';
    if (kind === 'totp') void give({ kind, code: typed }).then(() => field.current?.select());
    else void give({ kind: 'password', password: typed }).then(() => field.current?.select());
  }

  function choose(other: Typed) {
    setError(null);
    setKind(other);
  }

  return (
    <form onSubmit={send} noValidate className="grid gap-4">
      {kind && (
        <TextField key={kind} ref={field} name={kind} {...FIELDS[kind]} error={error ?? undefined} required />
      )}
      {!kind && !ways.passkey && !ways.provider && (
        <Notice tone="info">
          <p>You have no password here. Sign out and sign in again, then come back to this.</p>
        </Notice>
      )}
      {!kind && <FailureNotice failure={error} />}
      <ActionFailure failure={failure} />
      <OtherWays
        ways={ways}
        kind={kind}
        onChoose={choose}
        onPasskey={givePasskey}
        onProvider={giveAtProvider}
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

type OtherWaysProps = {
  ways: ReauthMethods;
  kind: Typed | null;
  onChoose: (other: Typed) => void;
  onPasskey: () => void;
  onProvider: () => void;
};

function OtherWays({ ways, kind, onChoose, onPasskey, onProvider }: OtherWaysProps) {
  const others = (['password', 'totp'] as const).filter((each) => ways[each] && each !== kind);
  return (
    <div className="flex flex-wrap gap-2 empty:hidden">
      {ways.provider && (
        <Button size="sm" onClick={onProvider}>
          Confirm with {ways.provider}
        </Button>
      )}
      {ways.passkey && (
        <Button size="sm" onClick={onPasskey}>
          Use a passkey
        </Button>
      )}
      {others.map((other) => (
        <Button key={other} size="sm" onClick={() => onChoose(other)}>
          {OTHER[other]}
        </Button>
      ))}
    </div>
  );
}
