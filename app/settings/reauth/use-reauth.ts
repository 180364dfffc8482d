'use client';
import { useEffect, useEffectEvent, useState } from 'react';
import type { ReauthResult } from '#lib/identity/mfa/reauthenticate.ts';
import type { ReauthInput } from '#lib/identity/mfa/schema.ts';
import { describeSsoError } from '#lib/identity/sso/schema.ts';
import { describeRateLimit } from '#lib/platform/rate-limiter/format.ts';
import { listenForAuthMessages } from '../../auth-channel.ts';
import { NO_RESPONSE } from '../../links/refusal-messages.ts';
import { signWithPasskey } from '../../passkeys.ts';
import { useServerAction } from '../use-server-action.ts';
import { listReauthMethods, startPasskeyReauth, submitReauth } from './actions.ts';
import type { ReauthMethods } from './reauth-methods.ts';

export type { ReauthMethods } from './reauth-methods.ts';

type Rejected = Exclude<ReauthResult, { ok: true }>;

const WRONG: Record<ReauthInput['kind'], string> = {
  password: 'That password isn’t right.',
  totp: 'That code isn’t right, or has already been used. Try the next one.',
  passkey: 'That passkey wasn’t accepted. Try again or use another method.',
};

/** Describes why re-authentication failed, and what to do next. */
function describeReauthError(rejected: Rejected, kind: ReauthInput['kind']): string {
  switch (rejected.reason) {
    case 'malformed':
      return kind === 'totp' ? 'Enter the 6-digit code shown in your app.' : 'Enter your password.';
    case 'wrong':
      return WRONG[kind];
    case 'busy':
      return 'The server is busy. Try again in a moment.';
    case 'throttled':
      return `${describeRateLimit(rejected.retryAfterSeconds)} You can also use another method.`;
  }
}

/** Loads the user's methods; null while loading. */
export function useReauthMethods() {
  const { run, failure } = useServerAction(
    listReauthMethods as (nothing: undefined) => ReturnType<typeof listReauthMethods>,
  );
  const [methods, setMethods] = useState<ReauthMethods | null>(null);
  useEffect(() => {
    void run(undefined).then((loaded) => loaded && setMethods(loaded));
  }, [run]);
  return { methods, failure };
}

/** Re-authenticates the user; `error` is for the field, `failure` for everything else. */
export function useReauth({ userId, provider }: ReauthMethods, onReauthenticated: () => void) {
  const { run, pending, failure, setFailure } = useServerAction(
    submitReauth as (input: ReauthInput) => ReturnType<typeof submitReauth>,
  );
  const [error, setError] = useState<string | null>(null);

  const proceed = useEffectEvent(onReauthenticated);
  const showRoleChanged = useEffectEvent(() => {
    const message = describeSsoError('role_changed', provider ?? 'your provider');
    setFailure({ message, signInAgain: true });
  });
  // The user may also have re-authenticated in the provider's window.
  useEffect(
    () =>
      listenForAuthMessages(userId, {
        onReauthenticated: () => proceed(),
        onRoleChanged: () => showRoleChanged(),
      }),
    [userId],
  );

  /** Opens a new window, so that what was typed on this page stays. */
  function openProvider() {
    setError(null);
    setFailure(null);
    const opened = window.open('/sign-in/confirm', 'stagedoor-confirm', 'popup,width=520,height=720');
    const message = 'Your browser blocked the pop-up. Allow pop-ups for this site and try again.';
    if (!opened) setFailure({ message, signInAgain: false });
  }

  async function submit(input: ReauthInput) {
    setError(null);
    const result = await run(input);
    if (result?.ok) onReauthenticated();
    else if (result) setError(describeReauthError(result, input.kind));
    return result?.ok === true;
  }

  async function submitPasskey() {
    setError(null);
    setFailure(null);
    const started = await startPasskeyReauth().catch(() => null);
    if (started && !started.ok && started.reason === 'throttled') {
      return setFailure({ message: describeReauthError(started, 'passkey'), signInAgain: false });
    }
    if (!started?.ok) {
      const message = started?.message ?? NO_RESPONSE;
      return setFailure({ message, signInAgain: started?.reason === 'signed_out' });
    }
    const signed = await signWithPasskey(started.options);
    if (!signed.ok) return setFailure({ message: signed.message, signInAgain: false });
    const { challengeId } = started;
    await submit({ kind: 'passkey', challengeId, response: signed.response });
  }

  return { submit, submitPasskey, openProvider, pending, error, setError, failure };
}
