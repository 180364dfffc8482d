'use client';
import { type FormEvent, useEffect, useRef } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';
import { TextField } from '#components/text-field.tsx';
import { secondsUntil, useClock } from '#components/use-clock.ts';
import type { RevealView } from '#lib/key-delivery/reveal/schema.ts';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { MAX_TYPED_LENGTH } from '#lib/platform/user-input/characters.ts';
import { CodeStatus } from './code-status.tsx';
import { NewCode } from './new-code.tsx';
import { type CodeProps, useCode } from './use-code.ts';

const messages = en.codePage;

/** Shows which phone number the code was sent to, or that the SMS was blocked and what to do. */
function SmsStatus({ view }: { view: RevealView }) {
  if (view.isSmsBlocked) {
    return (
      <Notice tone="warning" title={messages.codeNotSent}>
        <p>{messages.codeNotSentAdvice(view)}</p>
      </Notice>
    );
  }
  return (
    <p>
      {messages.codeSent(view).map((part) =>
        typeof part === 'string' ? (
          <span key={part}>{part}</span>
        ) : (
          <strong key={part.strong} className="tabular-nums">
            {part.strong}
          </strong>
        ),
      )}
    </p>
  );
}

/** Asks for the code from the text message. */
export function CodeForm(props: CodeProps) {
  const { view, receivedAt, error, status, pending, submit, requestNewCode } = useCode(props);
  const now = useClock(view.now, receivedAt);
  const input = useRef<HTMLInputElement>(null);
  const secondsLeft = secondsUntil(view.codeExpiresAt, now);

  // Selects the input after an error, so that typing replaces it.
  useEffect(() => {
    if (error) input.current?.select();
  }, [error]);

  function handleSubmit(event: FormEvent) {
    event.preventDefault();
    void submit(input.current?.value ?? '');
  }

  return (
    <form method="post" onSubmit={handleSubmit} noValidate className="grid gap-4">
      <SmsStatus view={view} />
      <TextField
        ref={input}
        label={messages.code}
        name="code"
        error={error ?? undefined}
        description={messages.codeHint}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={MAX_TYPED_LENGTH}
        autoCapitalize="off"
        spellCheck={false}
        required
      />
      {!view.isSmsBlocked && <CodeStatus secondsLeft={secondsLeft} attemptsLeft={view.attemptsLeft} />}
      <Button type="submit" variant="primary" pending={pending === 'submit'} pendingLabel={messages.checking}>
        {messages.showKey}
      </Button>
      <p role="status" className="empty:hidden">
        {status}
      </p>
      {/* If the SMS was blocked and no new code is left, the notice above already says what to do. */}
      {!(view.isSmsBlocked && view.newCodesLeft === 0) && (
        <NewCode
          secondsToWait={secondsUntil(view.newCodeAt, now)}
          newCodesLeft={view.newCodesLeft}
          organisation={view.organisation}
          pending={pending === 'newCode'}
          onRequest={requestNewCode}
        />
      )}
    </form>
  );
}
