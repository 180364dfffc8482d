'use client';
import { formatMinutesAndSeconds } from '#components/use-clock.ts';

type CodeStateProps = { secondsLeft: number; triesLeft: number };

const tries = (count: number) => `${count} ${count === 1 ? 'try' : 'tries'} left`;

/** What is announced: the minutes, not every second, so that a screen reader is not talking all the time. */
function spoken(secondsLeft: number, triesLeft: number): string {
  if (secondsLeft === 0) return 'The code has expired.';
  if (triesLeft === 0) return 'The code no longer works.';
  const minutes = Math.ceil(secondsLeft / 60);
  return `The code is good for ${minutes} more ${minutes === 1 ? 'minute' : 'minutes'}. ${tries(triesLeft)}.`;
}

/** How long the present code is good, and how many tries it has. */
export function CodeState({ secondsLeft, triesLeft }: CodeStateProps) {
  const over = secondsLeft === 0 || triesLeft <= 0;
  return (
    <div className="text-muted text-sm">
      <p aria-hidden="true" className="flex flex-wrap justify-between gap-x-4 tabular-nums">
        {over ? (
          <span>{spoken(secondsLeft, triesLeft)}</span>
        ) : (
          <>
            <span>{`Good for ${formatMinutesAndSeconds(secondsLeft)} more`}</span>
            <span>{tries(triesLeft)}</span>
          </>
        )}
      </p>
      <p role="status" className="sr-only">
        {spoken(secondsLeft, triesLeft)}
      </p>
    </div>
  );
}
