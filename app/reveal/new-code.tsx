'use client';
import { Button } from '#components/button.tsx';
import { links } from '#lib/notifications/message-catalogue/en-links.ts';
import { codePage as messages } from '#lib/notifications/message-catalogue/en-pages.ts';

type NewCodeProps = {
  secondsToWait: number;
  /** No code can be requested, except possibly on another day. */
  isBlocked: boolean;
  /** Why no code can be requested; null if the page already says so elsewhere. */
  explanation: string | null;
  newCodesLeft: number;
  /** The current code is read out by phone. */
  isCodeByPhone: boolean;
  pending: boolean;
  onRequest: () => void;
};

/** Describes when a new code can be requested, and how many are left. */
function NewCodeStatus(props: NewCodeProps) {
  const { isBlocked, explanation, secondsToWait, newCodesLeft, isCodeByPhone } = props;
  const seconds = secondsToWait;
  const available = isCodeByPhone ? messages.textInstead : messages.newCodesLeft({ newCodesLeft });
  const waiting = isCodeByPhone ? messages.textInsteadIn({ seconds }) : messages.newCodeIn({ seconds });
  if (isBlocked) return explanation && <p className="text-muted text-sm">{explanation}</p>;
  return (
    <p className="text-muted text-sm tabular-nums">
      <span className="block">{isCodeByPhone ? messages.notCalled : messages.notReceived}</span>
      <span className="block">{secondsToWait > 0 ? waiting : available}</span>
    </p>
  );
}

/** Lets the integrator request a new code, if that is possible. */
export function NewCode(props: NewCodeProps) {
  const { isBlocked, newCodesLeft, secondsToWait, pending, onRequest } = props;
  // The last code of a link needs no button, because time does not bring it back.
  if (newCodesLeft <= 0 && props.explanation === null) return null;
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-line border-t pt-4">
      <NewCodeStatus {...props} />
      {newCodesLeft > 0 && (
        <Button
          size="sm"
          disabled={isBlocked || secondsToWait > 0}
          pending={pending}
          pendingLabel={links.sending}
          onClick={onRequest}
        >
          {messages.requestNewCode}
        </Button>
      )}
    </div>
  );
}
