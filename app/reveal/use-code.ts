'use client';
import { useEffect, useRef, useState } from 'react';
import { parseCode, type RevealView } from '#lib/key-delivery/reveal/schema.ts';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { NO_RESPONSE } from '../links/refusal-messages.ts';
import { reportHumanInput, sendNewCode, showKey } from './actions.ts';
import { describeRefusal } from './refusal-messages.ts';
import type { Credentials } from './shown-key.tsx';

type Received = { view: RevealView; receivedAt: number };

export type CodeProps = {
  token: string;
  first: Received & { opening: string | null };
  onShown: (credentials: Credentials) => void;
  onUsed: () => void;
  onEnded: () => void;
};

const TOUCHES = ['pointerdown', 'pointermove', 'keydown', 'touchstart'] as const;

/**
 * Reports the first use of pointer, touch screen or keyboard.
 * Mail scanners open links, some in a full browser, but send no input. So the administrator can distinguish them from
 * the integrator.
 */
function useTouch(token: string, opening: string | null): void {
  useEffect(() => {
    if (opening === null) return;
    const stopListening = () => {
      for (const touch of TOUCHES) window.removeEventListener(touch, report);
    };
    const report = () => {
      stopListening();
      // Only a hint for the administrator: the page works without it.
      reportHumanInput({ token, opening }).catch(() => {});
    };
    for (const touch of TOUCHES) window.addEventListener(touch, report, { passive: true });
    return stopListening;
  }, [token, opening]);
}

/** Manages the code form: one request at a time, and typed input is never lost. */
export function useCode({ token, first, onShown, onUsed, onEnded }: CodeProps) {
  const { opening } = first;
  useTouch(token, opening);
  const [received, setReceived] = useState<Received>(first);
  const [error, setError] = useState<string | null>(null);
  const [status, setStatus] = useState('');
  const [pending, setPending] = useState<'code' | 'text' | null>(null);
  const busy = useRef(false);

  async function runOnce(request: 'code' | 'text', send: () => Promise<void>) {
    if (busy.current) return;
    busy.current = true;
    setPending(request);
    setStatus('');
    await send().catch(() => setError(NO_RESPONSE));
    busy.current = false;
    setPending(null);
  }

  type Outcome = Awaited<ReturnType<typeof showKey>> | Awaited<ReturnType<typeof sendNewCode>>;

  function handleRefusal(outcome: Extract<Outcome, { ok: false }>) {
    if (outcome.reason === 'ended' || outcome.reason === 'used') {
      return outcome.reason === 'used' ? onUsed() : onEnded();
    }
    if ('view' in outcome) setReceived({ view: outcome.view, receivedAt: Date.now() });
    setError(describeRefusal(outcome));
  }

  const submit = (code: string) =>
    runOnce('code', async () => {
      if (!parseCode(code)) return setError(en.codeErrors.malformed);
      const outcome = await showKey({ token, code, opening });
      if (outcome.ok) return onShown({ username: outcome.username, key: outcome.key });
      handleRefusal(outcome);
    });

  const requestNewCode = () =>
    runOnce('text', async () => {
      const outcome = await sendNewCode({ token });
      if (!outcome.ok) return handleRefusal(outcome);
      setError(null);
      setReceived({ view: outcome.view, receivedAt: Date.now() });
      setStatus(en.codePage.newCodeSent(outcome.view));
    });

  return { ...received, error, status, pending, submit, requestNewCode };
}
