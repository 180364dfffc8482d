'use client';
import { Fragment, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { FailureNotice } from '#components/failure-notice.tsx';
import { LocalTime } from '#components/local-time.tsx';
import { SkeletonBox, SkeletonLine, SkeletonText } from '#components/skeleton.tsx';
import type { ChangeView } from '#lib/api-accounts/contact-changes/schema.ts';
import { changeReportPage as messages } from '#lib/notifications/message-catalogue/en-change-report.ts';
import { links } from '#lib/notifications/message-catalogue/en-links.ts';
import { describeFailedRequest, describeLinkRefusal } from '../links/link-refusal-messages.ts';
import { submitChangeReport } from './actions.ts';

type ChangeReportFormProps = {
  token: string;
  change: ChangeView;
  onReported: () => void;
  onInvalidLink: () => void;
};

/** Stands in for the form while the link is opened. */
export function ChangeReportSkeleton() {
  return (
    <div className="grid gap-5">
      <div className="grid gap-x-4 gap-y-1 sm:grid-cols-[auto_minmax(0,1fr)]">
        {[messages.account, messages.changed, messages.changedAt].map((term) => (
          <Fragment key={term}>
            <p>
              <SkeletonText>{term}</SkeletonText>
            </p>
            <div className="max-sm:not-last:mb-2">
              <SkeletonLine className="w-36" />
            </div>
          </Fragment>
        ))}
      </div>
      <SkeletonBox className="h-10 w-full sm:h-9" />
      <p className="text-sm">
        <SkeletonText>{messages.expected}</SkeletonText>
      </p>
    </div>
  );
}

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
      <Button variant="primary" pending={isPending} pendingLabel={links.sending} onClick={handleClick}>
        {messages.report}
      </Button>
      <p className="text-muted text-sm">{messages.expected}</p>
    </div>
  );
}
