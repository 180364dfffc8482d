'use client';
import { useRouter } from 'next/navigation';
import { useCallback } from 'react';
import { formatCount } from '#components/format.ts';
import { LocalTime } from '#components/local-time.tsx';
import { Meter } from '#components/meter.tsx';
import { Notice } from '#components/notice.tsx';
import { StatusBadge } from '#components/status-badge.tsx';
import type { BulkJobView } from '#lib/bulk-jobs/schema.ts';
import { CancelJobButton } from './cancel-job-button.tsx';
import { formatJobTitle, formatRows, getJobStatus } from './job-labels.ts';
import { StartImportForm } from './start-import-form.tsx';
import { type Progress, useProgress } from './use-progress.ts';

type JobViewProps = { job: BulkJobView };

/** Shows what a job does, how far it is, and why it waits or has stopped. */
export function JobView({ job }: JobViewProps) {
  const router = useRouter();
  const refresh = useCallback(() => router.refresh(), [router]);
  const { progress, isUnreachable } = useProgress(job, refresh);
  const { label, tone } = getJobStatus(progress);
  return (
    <section
      aria-labelledby="job-title"
      className="grid gap-4 rounded-lg border border-line bg-surface p-5 shadow-card"
    >
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="grid min-w-0 gap-1.5">
          <h2 id="job-title" className="font-semibold text-xl tracking-tight">
            {formatJobTitle(job)}
          </h2>
          <p role="status">
            <StatusBadge tone={tone}>{label}</StatusBadge>
          </p>
        </div>
        {job.endedAt === null && <CancelJobButton job={job} />}
      </div>
      {job.state !== 'ready' && progress.total > 0 && <JobMeter progress={progress} />}
      <JobNotice job={job} waitingUntil={progress.waitingUntil} />
      {isUnreachable && (
        <p role="alert" className="text-danger text-sm">
          Connection lost, or you’ve been signed out. The job goes on. Retrying…
        </p>
      )}
      <p className="text-muted text-sm">
        <span>Started by </span>
        <bdi translate="no">{job.createdBy ?? 'a former user'}</bdi>
        <span> on </span>
        <LocalTime at={job.createdAt} />
        {job.endedAt && (
          <>
            <span>. Ended on </span>
            <LocalTime at={job.endedAt} />
          </>
        )}
        <span>.</span>
      </p>
    </section>
  );
}

/** Describes how far a job is: how many rows were checked, or how many accounts were handled. */
function describeProgress({ state, total, counts }: Progress): { handled: number; text: string } {
  if (state === 'checking') {
    const handled = total - counts.unchecked;
    return { handled, text: `${formatCount(handled)} of ${formatCount(total)} rows checked` };
  }
  const handled = counts.done + counts.failed + counts.invalid;
  const results = [
    `${formatCount(counts.done)} done`,
    `${formatCount(counts.failed)} failed`,
    ...(counts.invalid > 0 ? [`${formatCount(counts.invalid)} left out`] : []),
  ];
  return {
    handled,
    text: `${formatCount(handled)} of ${formatCount(total)} handled: ${results.join(', ')}`,
  };
}

function JobMeter({ progress }: { progress: Progress }) {
  const { total, counts } = progress;
  const { handled, text } = describeProgress(progress);
  return (
    <div className="grid gap-1.5">
      <Meter
        label="Progress"
        value={handled}
        max={total}
        tone={counts.failed > 0 ? 'warning' : 'info'}
        valueText={text}
      />
      <p className="tabular-nums">{text}</p>
    </div>
  );
}

type JobNoticeProps = JobViewProps & Pick<Progress, 'waitingUntil'>;

/** Explains why a job waits or has ended early, or asks how to start an import. */
function JobNotice({ job, waitingUntil }: JobNoticeProps) {
  const { state, stopReason, options, counts } = job;
  if (state === 'running' && waitingUntil) {
    return (
      <Notice tone="warning" title="Today’s limit of text messages is reached">
        <p>
          <span>The job goes on when texts can be sent again: on </span>
          <LocalTime at={waitingUntil} />
          <span>, or within a minute after you’ve raised the limit in Settings › Text messages.</span>
        </p>
      </Notice>
    );
  }
  if (state === 'stopped' && stopReason === 'not_administrator') {
    return (
      <Notice tone="danger" title="The job was stopped">
        <p>
          The administrator who started it can no longer change API accounts. What was done stays. Start
          another job for the rest.
        </p>
      </Notice>
    );
  }
  if (state === 'stopped' && stopReason === 'unreadable') {
    return (
      <Notice tone="danger" title="The file couldn’t be read">
        <p>{typeof options.detail === 'string' ? options.detail : 'Upload it again.'}</p>
        <p>Nothing was created.</p>
      </Notice>
    );
  }
  if (state === 'stopped' && stopReason === 'not_all_valid') {
    return (
      <Notice tone="danger" title="Nothing was created">
        <p>
          <span>{`${formatRows(counts.failed)} couldn’t be created: see under Problems. `}</span>
          <span>Correct the file and import it again, or choose to create the valid ones.</span>
        </p>
      </Notice>
    );
  }
  if (state === 'uploading') {
    return (
      <Notice tone="info" title="The file is being uploaded">
        <p>If you’ve closed the page that uploads it, cancel this job and upload the file again.</p>
      </Notice>
    );
  }
  if (state === 'ready') return <StartImportForm job={job} />;
  if (state === 'cancelled' && counts.pending > 0)
    return <Notice tone="info" title="What was done before stays. The others were not changed." />;
  return null;
}
