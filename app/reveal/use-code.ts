'use client';
import { useRef, useState } from 'react';
import { type RevealView, readCode } from '#lib/key-delivery/reveal/schema.ts';
import { sendNewCode, showKey } from './actions.ts';
import { describeRefusal } from './refusal-messages.ts';
import type { Key } from './shown-key.tsx';
import { useTouch } from './use-touch.ts';

type Received = { view: RevealView; receivedAt: number };

export type CodeProps = {
  token: string;
  first: Received & { opening: string | null };
  onShown: (shown: Key) => void;
  onUsed: () => void;
  onEnded: () => void;
};

const NO_RESPONSE = 'The server did not answer. Check your connection, then try again.';
const MALFORMED = 'Enter the 6 digits from the text message.';

/** What the form knows and does: one thing at a time, and nothing typed is lost. */
export function useCode({ token, first, onShown, onUsed, onEnded }: CodeProps) {
  const { opening } = first;
  useTouch(token, opening);
  const [received, setReceived] = useState<Received>(first);
  const [error, setError] = useState<string | null>(null);
  const [news, setNews] = useState('');
  const [pending, setPending] = useState<'code' | 'text' | null>(null);
  const busy = useRef(false);

  async function once(what: 'code' | 'text', act: () => Promise<void>) {
    if (busy.current) return;
    busy.current = true;
    setPending(what);
    setNews('');
    await act().catch(() => setError(NO_RESPONSE));
    busy.current = false;
    setPending(null);
  }

  type Outcome = Awaited<ReturnType<typeof showKey>> | Awaited<ReturnType<typeof sendNewCode>>;

  function refuse(outcome: Extract<Outcome, { ok: false }>) {
    if (outcome.reason === 'ended' || outcome.reason === 'used') {
      return outcome.reason === 'used' ? onUsed() : onEnded();
    }
    if ('view' in outcome) setReceived({ view: outcome.view, receivedAt: Date.now() });
    setError(describeRefusal(outcome));
  }

  const submit = (code: string) =>
    once('code', async () => {
      if (!readCode(code)) return setError(MALFORMED);
      const outcome = await showKey({ token, code, opening });
      if (outcome.ok) return onShown({ username: outcome.username, key: outcome.key });
      refuse(outcome);
    });

  const askForNewCode = () =>
    once('text', async () => {
      const outcome = await sendNewCode({ token });
      if (!outcome.ok) return refuse(outcome);
      setError(null);
      setReceived({ view: outcome.view, receivedAt: Date.now() });
      setNews(
        `A new code is on its way to the phone ending in ${outcome.view.phoneEnd}. The old one no longer works.`,
      );
    });

  return { ...received, error, news, pending, submit, askForNewCode };
}
