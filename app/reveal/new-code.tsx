'use client';
import { Button } from '#components/button.tsx';

type NewCodeProps = { secondsToWait: number; left: number; pending: boolean; onRequest: () => void };

/** Requests a new code; shows when that is possible, and how many are left. */
export function NewCode({ secondsToWait, left, pending, onRequest }: NewCodeProps) {
  if (left <= 0) {
    return (
      <p className="border-line border-t pt-4 text-muted text-sm">
        No more codes can be sent for this link. If the last one does not work, ask the administrator for
        another.
      </p>
    );
  }
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-line border-t pt-4">
      <p className="text-muted text-sm tabular-nums">
        <span className="block">
          {secondsToWait > 0 ? `No text yet? Wait ${secondsToWait} s.` : 'No text, or too late?'}
        </span>
        <span className="block">{`${left} ${left === 1 ? 'new code' : 'new codes'} left.`}</span>
      </p>
      <Button
        size="sm"
        disabled={secondsToWait > 0}
        pending={pending}
        pendingLabel="Sending…"
        onClick={onRequest}
      >
        Text me a new code
      </Button>
    </div>
  );
}
