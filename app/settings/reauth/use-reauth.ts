'use client';
import { useEffect, useEffectEvent, useState } from 'react';
import type { ReauthInput } from '#lib/identity/mfa/schema.ts';
import { describeSsoError } from '#lib/identity/sso/schema.ts';
import { signWithPasskey } from '../../passkeys.ts';
import { listenForReauth } from '../../reauth-channel.ts';
import { useServerAction } from '../use-server-action.ts';
import { listReauthMethods, startPasskeyReauth, submitReauth } from './actions.ts';
import { describeReauthError } from './reauth-labels.ts';
import type { ReauthMethods } from './reauth-methods.ts';

export type { ReauthMethods } from './reauth-methods.ts';

/** What the person can confirm with; null while that is found out. */
export function useReauthMethods() {
  const { act, failure } = useServerAction(
    listReauthMethods as (nothing: undefined) => ReturnType<typeof listReauthMethods>,
  );
  const [ways, setWays] = useState<ReauthMethods | null>(null);
  useEffect(() => {
    void act(undefined).then((found) => found && setWays(found));
  }, [act]);
  return { ways, failure };
}

/** Gives a proof; `error` is for the field, `failure` for all else. */
export function useReauth({ userId, provider }: ReauthMethods, onProven: () => void) {
  const { act, pending, failure, setFailure } = useServerAction(
    submitReauth as (proof: ReauthInput) => ReturnType<typeof submitReauth>,
  );
  const [error, setError] = useState<string | null>(null);

  // Also where it is given in a window of its own.
  const goOn = useEffectEvent(onProven);
  const sayRoleChanged = useEffectEvent(() => {
    const message = describeSsoError('role_changed', provider ?? 'your provider');
    setFailure({ message, signInAgain: true });
  });
  useEffect(
    () => listenForReauth(userId, { onProven: () => goOn(), onRoleChanged: () => sayRoleChanged() }),
    [userId],
  );

  /** In a window of its own, so that what was typed on this page stays. */
  function giveAtProvider() {
    setError(null);
    setFailure(null);
    const opened = window.open('/sign-in/confirm', 'stagedoor-confirm', 'popup,width=520,height=720');
    const message = 'The browser opened no window. Allow this site to open one, then try again.';
    if (!opened) setFailure({ message, signInAgain: false });
  }

  async function give(proof: ReauthInput) {
    setError(null);
    const result = await act(proof);
    if (result?.ok) onProven();
    else if (result) setError(describeReauthError(result, proof.kind));
    return result?.ok === true;
  }

  async function givePasskey() {
    setError(null);
    setFailure(null);
    const started = await startPasskeyReauth().catch(() => null);
    if (started && !started.ok && started.reason === 'throttled') {
      return setFailure({ message: describeReauthError(started, 'passkey'), signInAgain: false });
    }
    if (!started?.ok) {
      const message = started?.message ?? 'The server did not answer. Try again.';
      return setFailure({ message, signInAgain: started?.reason === 'signed_out' });
    }
    const signed = await signWithPasskey(started.options);
    if (!signed.ok) return setFailure({ message: signed.message, signInAgain: false });
    const { challengeId } = started;
    await give({ kind: 'passkey', challengeId, response: signed.response });
  }

  return { give, givePasskey, giveAtProvider, pending, error, setError, failure };
}
