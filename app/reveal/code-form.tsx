'use client';
import { type FormEvent, useEffect, useRef } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';
import { TextField } from '#components/text-field.tsx';
import { secondsUntil, useClock } from '#components/use-clock.ts';
import type { RevealView } from '#lib/key-delivery/reveal/schema.ts';
import { CodeState } from './code-state.tsx';
import { NewCode } from './new-code.tsx';
import { type CodeProps, useCode } from './use-code.ts';

/** Shows which phone got the code, or that the SMS was blocked and what to do. */
function SmsStatus({ view }: { view: RevealView }) {
  const phone = <strong className="whitespace-nowrap font-mono tabular-nums">…{view.phoneEnd}</strong>;
  if (!view.isSmsBlocked) return <p>The text went to the phone whose number ends in {phone}.</p>;
  return (
    <Notice tone="warning" title="The text with your code was not sent">
      <p>
        Texts to the phone whose number ends in {phone} were stopped. Ask for a new code below; if that does
        not help, ask the administrator.
      </p>
    </Notice>
  );
}

/** Asks for the code from the text message. */
export function CodeForm(props: CodeProps) {
  const { view, receivedAt, error, status, pending, submit, requestNewCode } = useCode(props);
  const clock = useClock(view.now, receivedAt);
  const input = useRef<HTMLInputElement>(null);
  const secondsLeft = secondsUntil(view.codeExpiresAt, clock);

  // Selects a wrong code, so that the next one replaces it.
  useEffect(() => {
    if (error) input.current?.select();
  }, [error]);

  function send(event: FormEvent) {
    event.preventDefault();
    void submit(input.current?.value ?? '');
  }

  return (
    <form method="post" onSubmit={send} noValidate className="grid gap-4">
      <SmsStatus view={view} />
      <TextField
        ref={input}
        label="Authentication code"
        name="code"
        error={error ?? undefined}
        description="6 digits. Nobody will ever ask you for it."
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="[0-9\s-]*"
        maxLength={50}
        autoCapitalize="off"
        spellCheck={false}
        required
      />
      {!view.isSmsBlocked && <CodeState secondsLeft={secondsLeft} attemptsLeft={view.attemptsLeft} />}
      <Button type="submit" variant="primary" pending={pending === 'code'} pendingLabel="Checking…">
        Show API key
      </Button>
      <p role="status" className="empty:hidden">
        {status}
      </p>
      <NewCode
        secondsToWait={secondsUntil(view.newCodeAt, clock)}
        left={view.newCodesLeft}
        pending={pending === 'text'}
        onRequest={requestNewCode}
      />
    </form>
  );
}
