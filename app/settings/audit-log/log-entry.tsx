import { Ban, ChevronRight, CircleX } from 'lucide-react';
import { LocalTime, RelativeTime } from '#components/local-time.tsx';
import { StatusBadge } from '#components/status-badge.tsx';
import type { AuditEntry } from '#lib/audit/schema.ts';
import { describeEntry, formatOutcome } from './describe-entry.ts';
import { EntryDetails } from './entry-details.tsx';

/** Lays an entry out for a column of the page or for a narrow one. */
export const ENTRY_CLASSES = {
  wide: 'px-5 py-3.5 sm:grid sm:grid-cols-[11rem_minmax(0,1fr)] sm:gap-x-4',
  narrow: 'py-3',
};

type LogEntryProps = {
  entry: AuditEntry;
  now: Date;
  /** Lays the entry out for a narrow column. */
  isNarrow?: boolean;
};

/** Shows an entry's time, sentence, failure and IP address. Its details can be expanded. */
export function LogEntry({ entry, now, isNarrow = false }: LogEntryProps) {
  const sentenceId = `entry-${entry.id}`;
  return (
    <li className={ENTRY_CLASSES[isNarrow ? 'narrow' : 'wide']}>
      <p className={isNarrow ? 'text-muted text-sm' : 'text-muted text-sm max-sm:flex max-sm:gap-2'}>
        <span className={isNarrow ? undefined : 'block sm:text-ink'}>
          <RelativeTime at={entry.at} now={now} isBesideExactTime />
        </span>
        {isNarrow && <span> · </span>}
        <span className={isNarrow ? undefined : 'block tabular-nums'}>
          <LocalTime at={entry.at} />
        </span>
      </p>
      <div className="min-w-0">
        <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
          <p id={sentenceId} className="min-w-0 flex-1 basis-40 break-words">
            <Sentence entry={entry} />
          </p>
          <OutcomeBadge entry={entry} />
        </div>
        <details className="group mt-0.5">
          <summary
            aria-describedby={sentenceId}
            className="inline-flex min-h-8 cursor-pointer list-none items-center gap-1 rounded-sm pe-1.5 text-muted text-sm hover:text-ink [&::-webkit-details-marker]:hidden"
          >
            <ChevronRight
              aria-hidden="true"
              className="size-4 shrink-0 transition-transform group-open:rotate-90"
            />
            {entry.ipAddress && (
              <>
                <span>{`From ${entry.ipAddress}`}</span>
                <span aria-hidden="true"> · </span>
              </>
            )}
            <span>Details</span>
          </summary>
          <EntryDetails entry={entry} />
        </details>
      </div>
    </li>
  );
}

function Sentence({ entry }: { entry: AuditEntry }) {
  return describeEntry(entry).map(({ text, isName }, index) => {
    const key = `${index} ${text}`;
    return isName ? (
      <bdi key={key} translate="no" className="font-semibold">
        {text}
      </bdi>
    ) : (
      <span key={key}>{text}</span>
    );
  });
}

function OutcomeBadge({ entry }: { entry: AuditEntry }) {
  const label = formatOutcome(entry);
  if (label === null) return null;
  const isFailure = label === 'Failed';
  return (
    <StatusBadge tone={isFailure ? 'danger' : 'warning'} icon={isFailure ? CircleX : Ban}>
      {label}
    </StatusBadge>
  );
}
