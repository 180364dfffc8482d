'use client';
import { formatMinutesAndSeconds } from '#components/use-clock.ts';

type CodeStateProps = { secondsLeft: number; attemptsLeft: number };

const formatTries = (count: number) => `${count} ${count === 1 ? 'try' : 'tries'} left`;

/** Returns the text for screen readers: minutes only, so that they do not announce every second. */
function getAnnouncement(secondsLeft: number, attemptsLeft: number): string {
  if (secondsLeft === 0) return 'The code has expired.';
  if (attemptsLeft === 0) return 'The code no longer works.';
  const minutes = Math.ceil(secondsLeft / 60);
  return `The code is good for ${minutes} more ${minutes === 1 ? 'minute' : 'minutes'}. ${formatTries(attemptsLeft)}.`;
}

/** Shows how long the current code is valid, and how many tries are left. */
export function CodeState({ secondsLeft, attemptsLeft }: CodeStateProps) {
  const isInvalid = secondsLeft === 0 || attemptsLeft <= 0;
  return (
    <div className="text-muted text-sm">
      <p aria-hidden="true" className="flex flex-wrap justify-between gap-x-4 tabular-nums">
        {isInvalid ? (
          <span>{getAnnouncement(secondsLeft, attemptsLeft)}</span>
        ) : (
          <>
            <span>{`Good for ${formatMinutesAndSeconds(secondsLeft)} more`}</span>
            <span>{formatTries(attemptsLeft)}</span>
          </>
        )}
      </p>
      <p role="status" className="sr-only">
        {getAnnouncement(secondsLeft, attemptsLeft)}
      </p>
    </div>
  );
}
