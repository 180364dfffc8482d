'use client';
import { useEffect, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { EmailAddress } from '#components/email-address.tsx';
import { RelativeTime } from '#components/local-time.tsx';
import { Notice, type NoticeTone } from '#components/notice.tsx';
import { Skeleton, SkeletonBox, SkeletonLine } from '#components/skeleton.tsx';
import type { KeyDelivery, KeyDeliveryState, Tone } from '#lib/key-delivery/timeline/schema.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { NextAttempt } from '../next-attempt.tsx';
import { OldKeyEndTime } from '../old-key-end.tsx';
import { ReadOutCode } from './read-out-code.tsx';
import { ResendButtons } from './resend-buttons.tsx';
import { TimelineEntries, TimelineSkeleton } from './timeline-entries.tsx';
import type { PolledTimeline } from './use-timeline.ts';

/** Returns what is new in a key delivery since the previous load, for screen readers; empty after the first load. */
function useAnnouncement(delivery: KeyDelivery | null): string {
  const announced = useRef<{ id: string; texts: Map<string, string> } | null>(null);
  const [announcement, setAnnouncement] = useState('');

  useEffect(() => {
    if (!delivery) return;
    const previous = announced.current;
    const { id, entries } = delivery;
    announced.current = { id, texts: new Map(entries.map(({ key, text }) => [key, text])) };
    if (!previous) return;
    const knownTexts = previous.id === id ? previous.texts : new Map<string, string>();
    const newEntries = entries.filter(({ key, text }) => knownTexts.get(key) !== text);
    if (newEntries.length > 0) setAnnouncement(`${newEntries.map(({ text }) => text).join('. ')}.`);
  }, [delivery]);

  return announcement;
}

const NOTICE_TONES: Record<Tone, NoticeTone> = { plain: 'info', success: 'success', problem: 'warning' };

const STATE_LABELS: Record<KeyDeliveryState, string> = {
  in_progress: 'waiting',
  shown: 'collected',
  locked: 'locked',
  expired: 'expired',
  replaced: 'replaced',
};

type KeyDeliveryPanelProps = {
  polled: PolledTimeline;
  accountId: string;
  username: string;
  /** Whether the key was not collected when the page was loaded. */
  isWaiting: boolean;
};

/** Shows an account's key deliveries, which are polled. */
export function KeyDeliveryPanel({ polled, accountId, username, isWaiting }: KeyDeliveryPanelProps) {
  const { loaded, interruption, refresh, tryAgain } = polled;
  const announcement = useAnnouncement(loaded?.timeline.current ?? null);
  return (
    <section aria-label="Key delivery" className="grid gap-4">
      {!loaded && !interruption && (
        <Skeleton isPart className="grid gap-4">
          <DeliverySkeleton isWaiting={isWaiting} />
        </Skeleton>
      )}
      {interruption && (
        <div className="grid justify-items-start gap-3">
          <ActionFailure failure={interruption} />
          {interruption.hasStopped && (
            <Button size="sm" onClick={tryAgain}>
              Try again
            </Button>
          )}
        </div>
      )}
      {loaded && (
        <KeyDeliveries accountId={accountId} username={username} loaded={loaded} refresh={refresh} />
      )}
      <p role="status" className="sr-only">
        {announcement}
      </p>
    </section>
  );
}

/** The usual steps, and whether each has a line of details: the outcome of a message has. */
const WAITING = [false, false, false, true, true];
const COLLECTED = [...WAITING, false, false, false];

/** Draws the status, the recipients, the buttons and the usual steps. */
function DeliverySkeleton({ isWaiting }: { isWaiting: boolean }) {
  return (
    <>
      <SkeletonBox className="h-17.5 w-full sm:h-12" />
      <div className="text-sm">
        <SkeletonLine className="w-56" />
        <SkeletonLine className="w-44" />
      </div>
      {isWaiting && (
        <div className="grid gap-2">
          <SkeletonBox className="h-9 w-64 sm:h-8" />
          <SkeletonBox className="h-9 w-52 sm:h-8" />
        </div>
      )}
      <TimelineSkeleton hasDetails={isWaiting ? WAITING : COLLECTED} />
    </>
  );
}

type KeyDeliveriesProps = {
  accountId: string;
  username: string;
  loaded: NonNullable<PolledTimeline['loaded']>;
  refresh: () => void;
};

function KeyDeliveries({ accountId, username, loaded, refresh }: KeyDeliveriesProps) {
  const { timeline, receivedAt } = loaded;
  const { current, earlier } = timeline;
  const now = new Date(timeline.readAt);
  // Once the buttons were shown, they stay, so that they do not lose the focus.
  const hasShownButtons = useRef(false);
  if (timeline.resendAvailability) hasShownButtons.current = true;
  if (!current) return <p className="text-muted">Nothing has been sent yet.</p>;
  const { status } = current;
  return (
    <>
      <Notice tone={NOTICE_TONES[status.tone]}>
        <p>
          <span>{`${status.text} `}</span>
          {status.nextAttemptAt && <NextAttempt at={new Date(status.nextAttemptAt)} />}
        </p>
        {timeline.oldKey && (
          <p>
            <span>Their old key works </span>
            <OldKeyEndTime {...timeline.oldKey} />
            <span>.</span>
          </p>
        )}
      </Notice>
      <Recipient delivery={current} />
      {hasShownButtons.current && (
        <div className="grid gap-2">
          <ResendButtons
            accountId={accountId}
            delivery={current}
            timeline={timeline}
            receivedAt={receivedAt}
            onSent={refresh}
          />
          <ReadOutCode accountId={accountId} username={username} delivery={current} onIssued={refresh} />
        </div>
      )}
      <TimelineEntries entries={current.entries} now={now} />
      {earlier.length > 0 && <EarlierDeliveries deliveries={earlier} now={now} />}
    </>
  );
}

function Recipient({ delivery }: { delivery: KeyDelivery }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 text-sm">
      <dt className="text-muted">Link to</dt>
      <dd className="break-words">
        <EmailAddress>{delivery.email}</EmailAddress>
      </dd>
      <dt className="text-muted">Codes to</dt>
      <dd className="tabular-nums">{delivery.phone}</dd>
    </dl>
  );
}

function EarlierDeliveries({ deliveries, now }: { deliveries: KeyDelivery[]; now: Date }) {
  return (
    <div className="grid gap-2 border-line border-t pt-3">
      <h3 className="font-semibold text-sm">Earlier deliveries</h3>
      {deliveries.map((delivery) => (
        <details key={delivery.id} className="rounded-md border border-line">
          <summary className="cursor-pointer rounded-md px-3 py-2 text-sm">
            <RelativeTime at={new Date(delivery.startedAt)} now={now} />
            <span>{`: ${STATE_LABELS[delivery.state]}`}</span>
          </summary>
          <div className="grid gap-3 px-3 pt-1 pb-3">
            <Recipient delivery={delivery} />
            <TimelineEntries entries={delivery.entries} now={now} />
          </div>
        </details>
      ))}
    </div>
  );
}
