'use client';
import { useEffect, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { LocalTime } from '#components/local-time.tsx';
import { Notice } from '#components/notice.tsx';
import type { ChangeReport, FieldChange } from '#lib/api-accounts/contact-changes/schema.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { ReauthDialog } from '../../../reauth/reauth-dialog.tsx';
import { useServerAction } from '../../../use-server-action.ts';
import { resolveChangeReport } from '../actions.ts';

const EFFECT = {
  done: 'The report was marked as resolved.',
  maybe: 'The report may have been marked as resolved. You can safely try again.',
};

/** Shows the unresolved reports of unauthorised contact changes. */
export function ReportNotices({ openReports }: { openReports: ChangeReport[] }) {
  return openReports.map((report) => <ReportNotice key={report.id} report={report} />);
}

function ReportNotice({ report }: { report: ChangeReport }) {
  const { run, pending, failure, reauth } = useServerAction(resolveChangeReport, EFFECT);
  const [resolvedBy, setResolvedBy] = useState<'self' | 'other' | null>(null);

  async function resolve() {
    const result = await run({ id: report.id });
    if (result) setResolvedBy(result.ok ? 'self' : 'other');
  }

  if (resolvedBy) return <ResolvedNotice isByOther={resolvedBy === 'other'} />;
  return (
    <Notice tone="danger" title="This change was reported as unauthorised">
      <ChangeDetails report={report} />
      <p className="text-sm">
        Ask <bdi>{report.changedBy ?? 'your colleagues'}</bdi> whether it was right, and phone the company on
        a number you already had. Until you’re sure, untick “This API account is active”. If it was wrong,
        restore the old details and reset the key.
      </p>
      <ActionFailure failure={failure} />
      <ReauthDialog {...reauth} />
      <Button
        size="sm"
        className="mt-1 justify-self-start"
        pending={pending}
        pendingLabel="Saving…"
        onClick={resolve}
      >
        Mark as resolved
      </Button>
    </Notice>
  );
}

function ChangeDetails({ report }: { report: ChangeReport }) {
  const { changedBy, changedAt, reportedAt, email, phone } = report;
  return (
    <dl className="grid gap-x-4 gap-y-0.5 text-sm sm:grid-cols-[auto_minmax(0,1fr)]">
      <ChangedField label="Email address" change={email} />
      <ChangedField label="Phone number" change={phone} />
      <dt className="text-muted">Changed</dt>
      <dd className="min-w-0 break-words max-sm:mb-1.5">
        <LocalTime at={changedAt} />, by <bdi>{changedBy ?? 'a former user'}</bdi>
      </dd>
      <dt className="text-muted">Reported</dt>
      <dd className="max-sm:mb-1.5">
        <LocalTime at={reportedAt} />
      </dd>
    </dl>
  );
}

function ChangedField({ label, change }: { label: string; change: FieldChange }) {
  if (!change) return null;
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0 break-words max-sm:mb-1.5">
        from{' '}
        <bdi translate="no" className="font-medium">
          {change.before}
        </bdi>{' '}
        to{' '}
        <bdi translate="no" className="font-medium">
          {change.after}
        </bdi>
      </dd>
    </>
  );
}

/** Replaces a resolved report until the editor closes, and takes the focus from the report's button. */
function ResolvedNotice({ isByOther }: { isByOther: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} tabIndex={-1} className="rounded-md">
      <Notice tone="success" announce>
        <p>
          {isByOther
            ? 'This has already been marked as resolved.'
            : 'Marked as resolved for all administrators.'}
        </p>
      </Notice>
    </div>
  );
}
