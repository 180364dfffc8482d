'use client';
import { type FormEvent, useEffect, useRef } from 'react';
import { Button } from '#components/button.tsx';
import { useTimeZone } from '#components/local-time.tsx';
import { Notice } from '#components/notice.tsx';
import { RichText } from '#components/rich-text.tsx';
import { SkeletonBox, SkeletonField, SkeletonText } from '#components/skeleton.tsx';
import { TextField } from '#components/text-field.tsx';
import { secondsUntil, useClock } from '#components/use-clock.ts';
import type { RevealView } from '#lib/key-delivery/reveal/schema.ts';
import { codePage as messages } from '#lib/notifications/message-catalogue/en-pages.ts';
import { MAX_TYPED_LENGTH } from '#lib/platform/user-input/characters.ts';
import {
  describeDeadEnd,
  describeNoNewCode,
  getNextStep,
  isNewCodeBlocked,
} from './code-refusal-messages.ts';
import { CodeStatus } from './code-status.tsx';
import { NewCode } from './new-code.tsx';
import { OldKeyNotice } from './old-key-notice.tsx';
import { type CodeProps, useCode } from './use-code.ts';
import { useCodeInput } from './use-code-input.ts';

/** Shows how the code reaches the integrator, or that the SMS was blocked and what to do. */
function CodeChannel({ view, timeZone }: { view: RevealView; timeZone: string }) {
  if (view.isSmsBlocked) {
    return (
      <Notice tone="warning" title={messages.codeNotSent}>
        <p>{messages.codeNotSentAdvice(getNextStep(view, timeZone))}</p>
      </Notice>
    );
  }
  return (
    <p>
      <RichText parts={view.isCodeByPhone ? messages.codeByPhone(view) : messages.codeSent(view)} />
    </p>
  );
}

/** Stands in for the form while the link is opened. */
export function CodeFormSkeleton() {
  return (
    <>
      <p>
        <SkeletonText>
          <RichText parts={messages.codeSent({ phoneEnd: '00' })} />
        </SkeletonText>
      </p>
      <SkeletonField label={messages.code} description={messages.codeHint} />
      <p className="flex flex-wrap justify-between gap-x-4 text-sm">
        <SkeletonText>{messages.expiresIn({ time: '10:00' })}</SkeletonText>
        <SkeletonText>{messages.attemptsLeft({ attemptsLeft: 5 })}</SkeletonText>
      </p>
      <SkeletonBox className="h-10 w-full sm:h-9" />
      <div className="flex flex-wrap items-center justify-between gap-3 border-line border-t pt-4 text-sm">
        <p>
          <span className="block">
            <SkeletonText>{messages.notReceived}</SkeletonText>
          </span>
          <span className="block">
            <SkeletonText>{messages.newCodeIn({ seconds: 30 })}</SkeletonText>
          </span>
        </p>
        <SkeletonBox className="h-9 w-40 sm:h-8" />
      </div>
    </>
  );
}

/** Asks for the code from the text message or the call. */
export function CodeForm(props: CodeProps) {
  const { view, receivedAt, error, status, pending, submit, requestNewCode } = useCode(props);
  const now = useClock(view.now, receivedAt);
  const input = useRef<HTMLInputElement>(null);
  const { submitNow, handleInput } = useCodeInput(input, submit, pending !== null, view.codeGeneration);
  const secondsLeft = secondsUntil(view.codeExpiresAt, now);
  const timeZone = useTimeZone();
  // The error already says the same after a submission.
  const deadEnd = describeDeadEnd(view, now, timeZone);
  const isDeadEndShown = deadEnd !== null && deadEnd !== error;

  // Selects the input after an error, so that typing replaces it.
  useEffect(() => {
    if (error) input.current?.select();
  }, [error]);

  function handleSubmit(event: FormEvent) {
    event.preventDefault();
    submitNow();
  }

  return (
    <form method="post" onSubmit={handleSubmit} noValidate className="grid gap-4">
      {view.oldKey && <OldKeyNotice oldKey={view.oldKey} getText={messages.oldKey} />}
      <CodeChannel view={view} timeZone={timeZone} />
      <TextField
        ref={input}
        onChange={handleInput}
        label={messages.code}
        name="code"
        error={error ?? undefined}
        description={view.isCodeByPhone ? messages.codeByPhoneHint : messages.codeHint}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={MAX_TYPED_LENGTH}
        autoCapitalize="off"
        spellCheck={false}
        required
      />
      {isDeadEndShown && (
        <Notice tone="warning" announce>
          <p>{deadEnd}</p>
        </Notice>
      )}
      {!view.isSmsBlocked && deadEnd === null && (
        <CodeStatus secondsLeft={secondsLeft} attemptsLeft={view.attemptsLeft} />
      )}
      <Button type="submit" variant="primary" pending={pending === 'submit'} pendingLabel={messages.checking}>
        {messages.showKey}
      </Button>
      <p role="status" className="empty:hidden">
        {status}
      </p>
      <NewCode
        secondsToWait={secondsUntil(view.newCodeAt, now)}
        isBlocked={isNewCodeBlocked(view, now)}
        // If there is no usable code, a notice or the error above already says what to do.
        explanation={
          view.isSmsBlocked || deadEnd !== null ? null : describeNoNewCode(getNextStep(view, timeZone))
        }
        newCodesLeft={view.newCodesLeft}
        isCodeByPhone={view.isCodeByPhone}
        pending={pending === 'newCode'}
        onRequest={requestNewCode}
      />
    </form>
  );
}
