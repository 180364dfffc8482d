'use client';
import { useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { FailureNotice } from '#components/failure-notice.tsx';
import { LocalTime } from '#components/local-time.tsx';
import type { ChangeView } from '#lib/api-accounts/contact-changes/schema.ts';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { describeFailedRequest, describeLinkRefusal } from '../links/link-refusal-messages.ts';
import { submitChangeReport } from './actions.ts';

const messages = en.changeReportPage;

type ChangeReportFormProps = {
  token: string;
  change: ChangeView;
  onReported: () => void;
  onInvalidLink: () => void;
};

/** Shows what was changed, with a button that reports it. */
export function ChangeReportForm({ token, change, onReported, onInvalidLink }: ChangeReportFormProps) {
  const [isPending, setIsPending] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const isSending = useRef(false);

  async function sendReport() {
    const outcome = await submitChangeReport({ token });
    if (outcome.ok) return onReported();
    if (outcome.reason === 'invalid_link') return onInvalidLink();
    setFailure(describeLinkRefusal(outcome));
  }

  async function handleClick() {
    if (isSending.current) return;
    isSending.current = true;
    setIsPending(true);
    setFailure(null);
    // The browser's console shows why a request failed.
    await sendReport().catch((error: unknown) => setFailure(describeFailedRequest(error)));
    isSending.current = false;
    setIsPending(false);
  }

  return (
    <div className="grid gap-5">
      <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-[auto_minmax(0,1fr)]">
        <dt className="text-muted">{messages.account}</dt>
        <dd className="min-w-0 break-words font-medium max-sm:mb-2">
          <bdi translate="no">{change.username}</bdi>
        </dd>
        <dt className="text-muted">{messages.changed}</dt>
        <dd className="font-medium max-sm:mb-2">{messages.changedFields(change)}</dd>
        <dt className="text-muted">{messages.changedAt}</dt>
        <dd className="font-medium tabular-nums">
          <LocalTime at={new Date(change.changedAt)} />
        </dd>
      </dl>
      <FailureNotice failure={failure} />
      <Button variant="primary" pending={isPending} pendingLabel={en.links.sending} onClick={handleClick}>
        {messages.report}
      </Button>
      <p className="text-muted text-sm">{messages.expected}</p>
    </div>
  );
}
