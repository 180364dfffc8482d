'use client';
import { useEffect, useEffectEvent, useState } from 'react';
import { signWithPasskey } from '#app/passkeys.ts';
import { listenForProof } from '#app/proof-channel.ts';
import type { ReauthInput } from '#lib/identity/mfa/schema.ts';
import { describeSsoError } from '#lib/identity/sso/schema.ts';
import { useAct } from '../use-act.ts';
import { giveProof, listProofs, startPasskeyProof } from './actions.ts';
import type { Ways } from './list-ways.ts';
import { describeProof } from './proof-words.ts';

export type { Ways } from './list-ways.ts';

/** What the person can confirm with; null while that is found out. */
export function useWays() {
  const { act, failure } = useAct(listProofs as (nothing: undefined) => ReturnType<typeof listProofs>);
  const [ways, setWays] = useState<Ways | null>(null);
  useEffect(() => {
    void act(undefined).then((found) => found && setWays(found));
  }, [act]);
  return { ways, failure };
}

/** Gives a proof; `error` is for the field, `failure` for all else. */
export function useGiving({ userId, provider }: Ways, onProven: () => void) {
  const { act, pending, failure, setFailure } = useAct(
    giveProof as (proof: ReauthInput) => ReturnType<typeof giveProof>,
  );
  const [error, setError] = useState<string | null>(null);

  // Also where it is given in a window of its own.
  const goOn = useEffectEvent(onProven);
  const sayRoleChanged = useEffectEvent(() => {
    const message = describeSsoError('role_changed', provider ?? 'your provider');
    setFailure({ message, signInAgain: true });
  });
  useEffect(
    () => listenForProof(userId, { onProven: () => goOn(), onRoleChanged: () => sayRoleChanged() }),
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
    else if (result) setError(describeProof(result, proof.kind));
    return result?.ok === true;
  }

  async function givePasskey() {
    setError(null);
    setFailure(null);
    const started = await startPasskeyProof().catch(() => null);
    if (started && !started.ok && started.reason === 'throttled') {
      return setFailure({ message: describeProof(started, 'passkey'), signInAgain: false });
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
