'use client';
import { useEffect, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';
import { formatExact } from '#components/relative-time.tsx';
import type { Change, ChangeReport } from '#lib/api-accounts/contact-changes/schema.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { useServerAction } from '../../../use-server-action.ts';
import { resolveChangeReport } from '../actions.ts';

/** In the editor: the changes that somebody says were not theirs, until an administrator has looked into them. */
export function ReportNotices({ openReports }: { openReports: ChangeReport[] }) {
  return openReports.map((objection) => <ReportNotice key={objection.id} objection={objection} />);
}

function ReportNotice({ objection }: { objection: ChangeReport }) {
  const { act, pending, failure } = useServerAction(resolveChangeReport);
  const [settled, setSettled] = useState<'here' | 'elsewhere' | null>(null);

  async function settle() {
    const result = await act({ id: objection.id });
    if (result) setSettled(result.ok ? 'here' : 'elsewhere');
  }

  if (settled) return <SettledNotice elsewhere={settled === 'elsewhere'} />;
  return (
    <Notice tone="danger" title="Somebody who was told of a change says: this was not us">
      <Particulars objection={objection} />
      <p className="text-sm">
        Ask <bdi>{objection.changedBy ?? 'your colleagues'}</bdi> whether this was right, and call the company
        by a number that you have from elsewhere. Not sure? Untick “This API account is active” meanwhile. Was
        it wrong? Put the old values back, and reset the API key.
      </p>
      <ActionFailure failure={failure} />
      <Button
        size="sm"
        className="mt-1 justify-self-start"
        pending={pending}
        pendingLabel="Noting…"
        onClick={settle}
      >
        I have looked into it
      </Button>
    </Notice>
  );
}

function Particulars({ objection }: { objection: ChangeReport }) {
  const { changedBy, changedAt, objectedAt, email, phone } = objection;
  return (
    <dl className="grid gap-x-4 gap-y-0.5 text-sm sm:grid-cols-[auto_minmax(0,1fr)]">
      <FromTo what="Email address" change={email} />
      <FromTo what="Phone number" change={phone} />
      <dt className="text-muted">Changed</dt>
      <dd className="min-w-0 break-words max-sm:mb-1.5">
        {formatExact(changedAt)}, by <bdi>{changedBy ?? 'somebody who is no longer here'}</bdi>
      </dd>
      <dt className="text-muted">ReportResult to</dt>
      <dd className="max-sm:mb-1.5">{formatExact(objectedAt)}</dd>
    </dl>
  );
}

function FromTo({ what, change }: { what: string; change: Change }) {
  if (!change) return null;
  return (
    <>
      <dt className="text-muted">{what}</dt>
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

/** Stays until the editor closes, and takes the keyboard over from the button that is gone. */
function SettledNotice({ elsewhere }: { elsewhere: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} tabIndex={-1} className="rounded-md">
      <Notice tone="success" announce>
        <p>
          {elsewhere
            ? 'Another administrator has looked into this already.'
            : 'Noted: you have looked into it. The notice is gone for every administrator.'}
        </p>
      </Notice>
    </div>
  );
}
