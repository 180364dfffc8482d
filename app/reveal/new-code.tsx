'use client';
import { Button } from '#components/button.tsx';
import { en } from '#lib/notifications/message-catalogue/en.ts';

const messages = en.codePage;

type NewCodeProps = {
  organisation: string;
  secondsToWait: number;
  newCodesLeft: number;
  pending: boolean;
  onRequest: () => void;
};

/** Lets the integrator request a new code. Shows when that is possible, and how many codes are left. */
export function NewCode({ organisation, secondsToWait, newCodesLeft, pending, onRequest }: NewCodeProps) {
  if (newCodesLeft <= 0) {
    return (
      <p className="border-line border-t pt-4 text-muted text-sm">{messages.noNewCodes({ organisation })}</p>
    );
  }
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-line border-t pt-4">
      <p className="text-muted text-sm tabular-nums">
        <span className="block">{messages.notReceived}</span>
        <span className="block">
          {secondsToWait > 0
            ? messages.newCodeIn({ seconds: secondsToWait })
            : messages.newCodesLeft({ newCodesLeft })}
        </span>
      </p>
      <Button
        size="sm"
        disabled={secondsToWait > 0}
        pending={pending}
        pendingLabel={en.links.sending}
        onClick={onRequest}
      >
        {messages.requestNewCode}
      </Button>
    </div>
  );
}
