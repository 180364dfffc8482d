import {
  ClockAlert,
  DoorOpen,
  Flag,
  KeyRound,
  Link2,
  Lock,
  Mail,
  MessageSquareText,
  Phone,
  Replace,
  RotateCw,
  Send,
  TriangleAlert,
  X,
} from 'lucide-react';
import type { ComponentType, SVGProps } from 'react';
import { classNames } from '#components/class-names.ts';
import { formatDay } from '#components/format-time.ts';
import { LocalTime, RelativeTime } from '#components/local-time.tsx';
import { SkeletonBox, SkeletonLine } from '#components/skeleton.tsx';
import type { EntryKind, TimelineEntry, Tone } from '#lib/key-delivery/timeline/schema.ts';
import { NextAttempt } from '../next-attempt.tsx';

const ICONS: Record<EntryKind, ComponentType<SVGProps<SVGSVGElement>>> = {
  started: Flag,
  email: Mail,
  sms: MessageSquareText,
  opened: Link2,
  wrong_code: X,
  code_requested: RotateCw,
  resent: Send,
  read_out: Phone,
  shown: KeyRound,
  locked: Lock,
  expired: ClockAlert,
  replaced: Replace,
  first_use: DoorOpen,
};

const TONES: Record<Tone, string> = {
  plain: 'border-line bg-sunken text-muted',
  success: 'border-success-line bg-success-soft text-success',
  problem: 'border-warning-line bg-warning-soft text-warning',
};

/** Lists the events of a key delivery, oldest first. */
export function TimelineEntries({ entries, now }: { entries: TimelineEntry[]; now: Date }) {
  return (
    <ol className="grid">
      {entries.map((entry) => (
        <Entry key={entry.key} entry={entry} now={now} />
      ))}
    </ol>
  );
}

/** Draws as many entries as `hasDetails` has elements. */
export function TimelineSkeleton({ hasDetails }: { hasDetails: boolean[] }) {
  return (
    <div className="grid">
      {hasDetails.map((hasLine, entry) => (
        <div key={String(entry)} className="group flex gap-3">
          <SkeletonBox className="size-7 rounded-full" />
          <div className="min-w-0 flex-1 pt-0.5 pb-3.5 group-last:pb-0">
            <SkeletonLine className="w-2/5" />
            {hasLine && (
              <div className="text-sm">
                <SkeletonLine className="w-1/4" />
              </div>
            )}
          </div>
        </div>
      ))}
    </div>
  );
}

function Entry({ entry, now }: { entry: TimelineEntry; now: Date }) {
  const { kind, tone, text, details, nextAttemptAt, isInOutbox } = entry;
  const Icon = tone === 'problem' ? TriangleAlert : ICONS[kind];
  return (
    <li className="group flex gap-3">
      <div aria-hidden="true" className="flex flex-col items-center">
        <span
          className={classNames('grid size-7 shrink-0 place-items-center rounded-full border', TONES[tone])}
        >
          <Icon className="size-3.5" />
        </span>
        <span className="w-px flex-1 bg-line group-last:hidden" />
      </div>
      <div className="min-w-0 flex-1 pt-0.5 pb-3.5 group-last:pb-0">
        <div className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-3">
          <p className="break-words font-medium">
            {tone === 'problem' && <span className="sr-only">Problem: </span>}
            <span>{text}</span>
          </p>
          <p className="text-muted text-sm">
            <EntryTime entry={entry} now={now} />
          </p>
        </div>
        <p className="break-words text-muted text-sm empty:hidden">
          {details && <span>{`${details} `}</span>}
          {nextAttemptAt && <NextAttempt at={new Date(nextAttemptAt)} />}
          {isInOutbox && (
            <a
              href="/outbox"
              target="_blank"
              rel="noreferrer"
              className="inline-block py-1 underline underline-offset-2"
            >
              Read it in the outbox
              <span className="sr-only"> (opens a new tab)</span>
            </a>
          )}
        </p>
      </div>
    </li>
  );
}

function EntryTime({ entry, now }: { entry: TimelineEntry; now: Date }) {
  const at = new Date(entry.at);
  // If only the day of a first use is known, it is a day in UTC.
  if (entry.isDayOnly) return <time dateTime={entry.at.slice(0, 10)}>{`${formatDay(at, 'UTC')} (UTC)`}</time>;
  return (
    <>
      <RelativeTime at={at} now={now} />
      <span className="sr-only">
        , <LocalTime at={at} />
      </span>
    </>
  );
}
