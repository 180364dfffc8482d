'use client';
import { useEffect, useEffectEvent, useState } from 'react';
import type { ReauthResult } from '#lib/identity/mfa/reauthenticate.ts';
import type { ReauthInput } from '#lib/identity/mfa/schema.ts';
import { describeSsoError } from '#lib/identity/sso/errors.ts';
import { describeRateLimit } from '#lib/platform/rate-limiter/format.ts';
import { listenForAuthMessages } from '../../auth-channel.ts';
import { signWithPasskey } from '../../passkeys.ts';
import { toFailure, useServerAction } from '../use-server-action.ts';
import { listReauthMethods, startPasskeyReauth, submitReauth } from './actions.ts';
import type { ReauthMethods } from './reauth-methods.ts';

export type { ReauthMethods } from './reauth-methods.ts';

type ReauthRejection = Exclude<ReauthResult, { ok: true }>;

const REJECTED_MESSAGES: Record<ReauthInput['kind'], string> = {
  password: 'That password isn’t right.',
  totp: 'That code isn’t right, or has already been used. Try the next one.',
  passkey: 'That passkey wasn’t accepted. Try again or use another method.',
};

/** Describes why re-authentication failed, and what to do next. */
function describeReauthError(rejection: ReauthRejection, kind: ReauthInput['kind']): string {
  switch (rejection.reason) {
    case 'malformed':
      return kind === 'totp' ? 'Enter the 6-digit code shown in your app.' : 'Enter your password.';
    case 'wrong_factor':
      return REJECTED_MESSAGES[kind];
    case 'second_factor_required':
      return 'Your password isn’t enough, because you use two-step sign-in. Use your passkey or authenticator app.';
    case 'busy':
      return 'The server is busy. Try again in a moment.';
    case 'rate_limited':
      return `${describeRateLimit(rejection.retryAfterSeconds)} You can also use another method.`;
  }
}

/** Loads the methods with which the user can re-authenticate; `methods` is null until they are loaded. */
export function useReauthMethods() {
  const { run, failure } = useServerAction(
    listReauthMethods as (input: undefined) => ReturnType<typeof listReauthMethods>,
    null,
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
    null,
  );
  const [error, setError] = useState<string | null>(null);

  const proceed = useEffectEvent(onReauthenticated);
  const showRoleChanged = useEffectEvent(() => {
    const message = describeSsoError('role_changed', provider ?? 'your provider');
    setFailure({ message, needsSignIn: true });
  });
  // The user may also re-authenticate in the provider's window.
  useEffect(
    () =>
      listenForAuthMessages(userId, {
        onReauthenticated: () => proceed(),
        onRoleChanged: () => showRoleChanged(),
      }),
    [userId],
  );

  /** Opens the provider in a new window, so that typed text on this page is not lost. */
  function openProviderWindow() {
    setError(null);
    setFailure(null);
    const opened = window.open('/sign-in/confirm', 'stagedoor-confirm', 'popup,width=520,height=720');
    const message = 'Your browser blocked the pop-up. Allow pop-ups for this site and try again.';
    if (!opened) setFailure({ message, needsSignIn: false });
  }

  async function submit(input: ReauthInput) {
    setError(null);
    const result = await run(input);
    if (result?.ok) onReauthenticated();
    else if (result) setError(describeReauthError(result, input.kind));
  }

  async function submitPasskey() {
    setError(null);
    setFailure(null);
    const started = await startPasskeyReauth().catch((error: unknown) => ({ error }));
    if ('error' in started) return setFailure(toFailure(started.error, null));
    if (!started.ok && started.reason === 'rate_limited') {
      return setFailure({ message: describeReauthError(started, 'passkey'), needsSignIn: false });
    }
    if (!started.ok) {
      return setFailure({ message: started.message, needsSignIn: started.reason === 'signed_out' });
    }
    const signed = await signWithPasskey(started.options);
    if (!signed.ok) return setFailure({ message: signed.message, needsSignIn: false });
    const { challengeId } = started;
    await submit({ kind: 'passkey', challengeId, response: signed.response });
  }

  return { submit, submitPasskey, openProviderWindow, pending, error, setError, failure };
}
