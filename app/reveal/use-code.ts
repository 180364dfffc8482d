'use client';
import { useEffect, useRef, useState } from 'react';
import { getTimeZone } from '#components/local-time.tsx';
import type { KeyGuide } from '#lib/key-delivery/key-page/schema.ts';
import type { RevealView } from '#lib/key-delivery/reveal/schema.ts';
import { links } from '#lib/notifications/message-catalogue/en-links.ts';
import { codeErrors, codePage } from '#lib/notifications/message-catalogue/en-pages.ts';
import { findCode } from '#lib/platform/user-input/code.ts';
import { describeFailedRequest } from '../links/link-refusal-messages.ts';
import { reportInteraction, requestNewCodeByLink, showKey } from './actions.ts';
import { describeCodeRefusal } from './code-refusal-messages.ts';
import { deleteRetrySecret, getRetrySecret } from './retry-secret.ts';
import type { Credentials } from './shown-key.tsx';

type ReceivedView = { view: RevealView; receivedAt: number };

export type CodeProps = {
  token: string;
  /** What the opening of the link returned. `openingId`: null if the opening was not recorded. */
  initial: ReceivedView & { openingId: string | null };
  onShown: (credentials: Credentials, guide: KeyGuide | null) => void;
  onUsed: (usedAt: string) => void;
  onInvalidLink: () => void;
};

/** After this time without a response, the connection is probably lost, although the browser does not report that. */
const SLOW_RESPONSE_MS = 20_000;
const INTERACTION_EVENTS = ['pointerdown', 'pointermove', 'keydown', 'touchstart'] as const;

/**
 * Reports the first use of pointer, touch screen or keyboard, which shows the administrator that a person opened the
 * link. Mail scanners open links too, some in a full browser, but send no input.
 */
function useInteractionReport(token: string, openingId: string | null): void {
  useEffect(() => {
    if (openingId === null) return;
    const stopListening = () => {
      for (const eventName of INTERACTION_EVENTS) window.removeEventListener(eventName, report);
    };
    const report = () => {
      stopListening();
      // Errors are ignored, because the report is only a hint for the administrator.
      reportInteraction({ token, openingId }).catch(() => {});
    };
    for (const eventName of INTERACTION_EVENTS) window.addEventListener(eventName, report, { passive: true });
    return stopListening;
  }, [token, openingId]);
}

/** Manages the requests of the code form, one at a time. */
export function useCode({ token, initial, onShown, onUsed, onInvalidLink }: CodeProps) {
  const { openingId } = initial;
  useInteractionReport(token, openingId);
  const [received, setReceived] = useState<ReceivedView>(initial);
  const [error, setError] = useState<string | null>(null);
  const [status, setStatus] = useState('');
  const [pending, setPending] = useState<'submit' | 'newCode' | null>(null);
  const isSending = useRef(false);

  /** Sends a request, unless another one is in progress. Returns whether it does. */
  function runExclusively(
    request: 'submit' | 'newCode',
    failures: { serverError: string; noResponse: string },
    send: () => Promise<void>,
  ): boolean {
    if (isSending.current) return false;
    isSending.current = true;
    setPending(request);
    setStatus('');
    void send()
      .catch((error: unknown) => setError(describeFailedRequest(error, failures)))
      .then(() => {
        isSending.current = false;
        setPending(null);
      });
    return true;
  }

  type Outcome = Awaited<ReturnType<typeof showKey>> | Awaited<ReturnType<typeof requestNewCodeByLink>>;

  function handleRefusal(outcome: Extract<Outcome, { ok: false }>) {
    if (outcome.reason === 'used') return onUsed(outcome.usedAt);
    if (outcome.reason === 'invalid_link') return onInvalidLink();
    if ('view' in outcome) setReceived({ view: outcome.view, receivedAt: Date.now() });
    setError(describeCodeRefusal(outcome, received.view, getTimeZone()));
  }

  /** Submits the code. Until there is a response, Next.js sends no other request, so only a reload can try again. */
  async function sendCode(code: string) {
    const timer = setTimeout(() => setStatus(codePage.noResponseYet), SLOW_RESPONSE_MS);
    try {
      return await showKey({ token, code, openingId, retrySecret: getRetrySecret(token) });
    } finally {
      clearTimeout(timer);
      setStatus('');
    }
  }

  const submit = (code: string) =>
    runExclusively('submit', codeErrors, async () => {
      if (!findCode(code)) return setError(codeErrors.malformed(received.view));
      const outcome = await sendCode(code);
      if (outcome.ok) return onShown({ username: outcome.username, key: outcome.key }, outcome.guide);
      // The server did not accept the retry secret, so another browser has used the link.
      if (outcome.reason === 'used') deleteRetrySecret(token);
      handleRefusal(outcome);
    });

  const requestNewCode = () =>
    runExclusively('newCode', links, async () => {
      const outcome = await requestNewCodeByLink({ token });
      if (!outcome.ok) return handleRefusal(outcome);
      setError(null);
      setReceived({ view: outcome.view, receivedAt: Date.now() });
      setStatus(codePage.newCodeSent(outcome.view));
    });

  return { ...received, error, status, pending, submit, requestNewCode };
}
