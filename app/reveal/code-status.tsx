'use client';
import { formatMinutesAndSeconds } from '#components/use-clock.ts';
import { codePage as messages } from '#lib/notifications/message-catalogue/en-pages.ts';

type CodeStatusProps = { secondsLeft: number; attemptsLeft: number };

/** Formats the status as a sentence. It counts minutes, so that screen readers do not announce every second. */
function formatStatus(secondsLeft: number, attemptsLeft: number): string {
  if (secondsLeft === 0) return messages.codeExpired;
  if (attemptsLeft <= 0) return messages.codeCancelled;
  return messages.codeStatus({ minutes: Math.ceil(secondsLeft / 60), attemptsLeft });
}

/** Shows how long the current code is valid, and how many attempts are left. */
export function CodeStatus({ secondsLeft, attemptsLeft }: CodeStatusProps) {
  const isInvalid = secondsLeft === 0 || attemptsLeft <= 0;
  return (
    <div className="text-muted text-sm">
      <p aria-hidden="true" className="flex flex-wrap justify-between gap-x-4 tabular-nums">
        {isInvalid ? (
          <span>{formatStatus(secondsLeft, attemptsLeft)}</span>
        ) : (
          <>
            <span>{messages.expiresIn({ time: formatMinutesAndSeconds(secondsLeft) })}</span>
            <span>{messages.attemptsLeft({ attemptsLeft })}</span>
          </>
        )}
      </p>
      <p role="status" className="sr-only">
        {formatStatus(secondsLeft, attemptsLeft)}
      </p>
    </div>
  );
}
