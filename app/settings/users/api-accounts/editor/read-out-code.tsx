'use client';
import { useId, useState } from 'react';
import { Button } from '#components/button.tsx';
import { Dialog } from '#components/dialog.tsx';
import type { KeyDelivery } from '#lib/key-delivery/timeline/schema.ts';
import { ReadOutForm, type ReadOutOutcome } from './read-out-form.tsx';

const ALREADY_READ_OUT = 'A code has been read out by phone, which is possible once for each link.';

type ReadOutCodeProps = {
  accountId: string;
  username: string;
  delivery: KeyDelivery;
  /** Runs when a code was shown, or may have been. */
  onIssued: () => void;
};

/** Lets an administrator read a code out by phone: a button that opens a dialog with instructions and the code. */
export function ReadOutCode({ accountId, username, delivery, onIssued }: ReadOutCodeProps) {
  const [isOpen, setIsOpen] = useState(false);
  /** Identifies the request until its code was shown, so that a lost response can be fetched again. */
  const [requestId, setRequestId] = useState(() => crypto.randomUUID());
  const [isResponseMissing, setIsResponseMissing] = useState(false);
  const [isCodeShown, setIsCodeShown] = useState(false);
  const reasonId = useId();
  const isReadOut = delivery.codeReadOut !== null && !isResponseMissing;
  const isUnavailable = delivery.state !== 'in_progress' || isReadOut;

  function handleOutcome(outcome: ReadOutOutcome) {
    if (outcome === 'shown') setRequestId(crypto.randomUUID());
    setIsCodeShown(outcome === 'shown');
    setIsResponseMissing(outcome === 'unknown');
    onIssued();
  }

  return (
    <div className="grid justify-items-start gap-1">
      <Button
        size="sm"
        className="px-2.5!"
        unavailable={isUnavailable}
        aria-describedby={reasonId}
        onClick={() => {
          setIsCodeShown(false);
          setIsOpen(true);
        }}
      >
        Read the code out by phone…
      </Button>
      <p id={reasonId} className="text-muted text-sm empty:hidden">
        {delivery.state === 'in_progress' && isReadOut && ALREADY_READ_OUT}
      </p>
      <Dialog
        open={isOpen}
        onOpenChange={setIsOpen}
        ignoresEscape={isCodeShown}
        title="Read the code out by phone"
        description={
          <span>
            For the API account{' '}
            <bdi translate="no" className="break-words font-medium text-ink">
              {username}
            </bdi>
          </span>
        }
      >
        <ReadOutForm
          request={{ id: accountId, revealId: delivery.id, requestId }}
          delivery={delivery}
          onOutcome={handleOutcome}
          onClose={() => setIsOpen(false)}
        />
      </Dialog>
    </div>
  );
}
