'use client';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { DialogButtons } from '#components/dialog.tsx';
import { Notice } from '#components/notice.tsx';
import { formatMinutesAndSeconds, secondsUntil, useClock } from '#components/use-clock.ts';
import { usePageHide } from '#components/use-page-hide.ts';
import { CODE_MINUTES } from '#lib/key-delivery/reveal/limits.ts';
import type { ReadOutRequest, ReadOutResult } from '#lib/key-delivery/reveal/schema.ts';
import type { KeyDelivery } from '#lib/key-delivery/timeline/schema.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { ReauthDialog } from '../../../reauth/reauth-dialog.tsx';
import { useServerAction } from '../../../use-server-action.ts';
import { readCodeOut } from '../actions.ts';
import { describeLostCode, describeReadOutRefusal } from './read-out-labels.ts';

const EFFECT = {
  done: 'A code to read out by phone was shown.',
  maybe:
    'A code may have been issued. Try again within 2 minutes to see it; after that, resend the text or reset the key.',
};

type IssuedCode = Extract<ReadOutResult, { ok: true }> & { revealId: string; receivedAt: number };

/** Outcome of a request for a code. `unknown`: there was no response, so a code may have been issued. */
export type ReadOutOutcome = 'shown' | 'refused' | 'unknown';

type ReadOutFormProps = {
  request: ReadOutRequest;
  delivery: KeyDelivery;
  onOutcome: (outcome: ReadOutOutcome) => void;
  onClose: () => void;
};

/** Says how to call the company, and then shows the code until it expires, no longer works or the page is left. */
export function ReadOutForm({ request, delivery, onOutcome, onClose }: ReadOutFormProps) {
  const { run, pending, failure, setFailure, reauth } = useServerAction(readCodeOut, EFFECT);
  const [issued, setIssued] = useState<IssuedCode | 'hidden' | null>(null);
  usePageHide(useCallback(() => setIssued((current) => current && 'hidden'), []));

  async function showCode() {
    const result = await run(request);
    if (result?.ok) {
      setIssued({ ...result, revealId: request.revealId, receivedAt: Date.now() });
    } else if (result) setFailure({ message: describeReadOutRefusal(result), needsSignIn: false });
    onOutcome(result ? (result.ok ? 'shown' : 'refused') : 'unknown');
  }

  if (issued === 'hidden') return <LostCode onClose={onClose}>{describeLostCode('hidden')}</LostCode>;
  if (issued) return <ShownCode issued={issued} delivery={delivery} onClose={onClose} />;
  return (
    <div className="grid gap-4">
      <ol className="grid list-decimal gap-2 ps-5">
        <li>
          <span>Call </span>
          <strong className="whitespace-nowrap font-semibold tabular-nums">{delivery.phone}</strong>
          <span>, the number of this delivery. Don’t read a code to anyone who calls you.</span>
        </li>
        <li>
          Check who you’re talking to: ask for something that only the company knows and that no email
          contains, such as its contract number.
        </li>
        <li>Ask them to open the link in our email. If the page is open, ask them to reload it.</li>
        <li>Show the code and read it out. They enter it themselves. Never ask for their API key.</li>
      </ol>
      <Notice tone="warning" title="You’ll see the code once">
        <p>{`It lasts ${CODE_MINUTES} minutes. The code in the text stops working. The audit log records that you were shown a code.`}</p>
      </Notice>
      <ActionFailure failure={failure} />
      <ReauthDialog {...reauth} />
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="primary" pending={pending} pendingLabel="Showing…" onClick={showCode}>
          Show code
        </Button>
      </DialogButtons>
    </div>
  );
}

type ShownCodeProps = { issued: IssuedCode; delivery: KeyDelivery; onClose: () => void };

function ShownCode({ issued, delivery, onClose }: ShownCodeProps) {
  const now = useClock(issued.now, issued.receivedAt);
  const secondsLeft = secondsUntil(issued.expiresAt, now);
  const codeElement = useRef<HTMLParagraphElement>(null);

  // The button that had the focus is gone.
  useEffect(() => codeElement.current?.focus(), []);

  if (delivery.id !== issued.revealId)
    return <LostCode onClose={onClose}>{describeLostCode('replaced')}</LostCode>;
  if (delivery.state === 'shown') {
    return (
      <LostCode tone="success" onClose={onClose}>
        They’ve collected their API key.
      </LostCode>
    );
  }
  if (delivery.state !== 'in_progress')
    return <LostCode onClose={onClose}>{describeLostCode('ended')}</LostCode>;
  if (delivery.codeReadOut === 'replaced')
    return <LostCode onClose={onClose}>{describeLostCode('texted')}</LostCode>;
  if (secondsLeft === 0) return <LostCode onClose={onClose}>{describeLostCode('expired')}</LostCode>;
  return (
    <div className="grid gap-4">
      <p>Read these digits to the company, and no one else:</p>
      <p
        ref={codeElement}
        tabIndex={-1}
        translate="no"
        className="rounded-md border border-line bg-sunken px-4 py-5 text-center font-mono font-semibold text-2xl tracking-widest outline-none"
      >
        <span aria-hidden="true">{`${issued.code.slice(0, 3)} ${issued.code.slice(3)}`}</span>
        <span className="sr-only">{[...issued.code].join(' ')}</span>
      </p>
      <p className="text-muted text-sm tabular-nums">{`We’ll hide the code when it expires, in ${formatMinutesAndSeconds(secondsLeft)}.`}</p>
      <DialogButtons>
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      </DialogButtons>
    </div>
  );
}

type LostCodeProps = { tone?: 'info' | 'success'; onClose: () => void; children: ReactNode };

/** Replaces a code that is no longer shown. */
function LostCode({ tone = 'info', onClose, children }: LostCodeProps) {
  return (
    <div className="grid gap-4">
      <Notice tone={tone} announce>
        <p>{children}</p>
      </Notice>
      <DialogButtons>
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      </DialogButtons>
    </div>
  );
}
