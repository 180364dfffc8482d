'use client';
import { useRef } from 'react';
import { Button } from '#components/button.tsx';
import { EmailAddress } from '#components/email-address.tsx';
import { Notice, type NoticeTone } from '#components/notice.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { Spinner } from '#components/spinner.tsx';
import type { KeyDelivery, KeyDeliveryState, Tone } from '#lib/key-delivery/timeline/schema.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { ResendButtons } from './resend-buttons.tsx';
import { TimelineEntries } from './timeline-entries.tsx';
import { useAnnouncement } from './use-announcement.ts';
import { type PolledTimeline, useTimeline } from './use-timeline.ts';

const NOTICE_TONES: Record<Tone, NoticeTone> = { plain: 'info', good: 'success', problem: 'warning' };

const STATES: Record<KeyDeliveryState, string> = {
  under_way: 'under way',
  shown: 'key shown',
  locked: 'locked',
  expired: 'expired',
  replaced: 'replaced',
};

/** How the key gets to the company, followed while it is looked at: link, code, and what became of them. */
export function KeyDeliveryPanel({ accountId }: { accountId: string }) {
  const watched = useTimeline(accountId);
  const { loaded, interruption, tryAgain } = watched;
  const news = useAnnouncement(loaded?.timeline.present ?? null);
  return (
    <section aria-label="Hand-over" aria-busy={!loaded && !interruption} className="grid gap-4">
      {!loaded && !interruption && (
        <p role="status" className="flex min-h-72 items-center justify-center gap-2 text-muted">
          <Spinner />
          <span>Loading…</span>
        </p>
      )}
      {interruption && (
        <div className="grid justify-items-start gap-3">
          <ActionFailure failure={interruption} />
          {interruption.isOver && (
            <Button size="sm" onClick={tryAgain}>
              Try again
            </Button>
          )}
        </div>
      )}
      {loaded && <HandOvers accountId={accountId} loaded={loaded} refresh={watched.refresh} />}
      <p role="status" className="sr-only">
        {news}
      </p>
    </section>
  );
}

type HandOversProps = {
  accountId: string;
  loaded: NonNullable<PolledTimeline['loaded']>;
  refresh: () => void;
};

function HandOvers({ accountId, loaded, refresh }: HandOversProps) {
  const { timeline, receivedAt } = loaded;
  const { present, earlier } = timeline;
  const now = new Date(timeline.readAt);
  // Once there, the buttons stay, so that the keyboard is not taken away from under somebody's fingers.
  const canSend = useRef(false);
  if (timeline.resendMessages) canSend.current = true;
  if (!present) return <p className="text-muted">No key has been handed over yet.</p>;
  return (
    <>
      <Notice tone={NOTICE_TONES[present.standing.tone]}>
        <p>{present.standing.words}</p>
      </Notice>
      <Recipient handOver={present} />
      {canSend.current && (
        <ResendButtons
          accountId={accountId}
          handOver={present}
          timeline={timeline}
          receivedAt={receivedAt}
          onSent={refresh}
        />
      )}
      <TimelineEntries entries={present.entries} now={now} />
      {earlier.length > 0 && <Earlier handOvers={earlier} now={now} />}
    </>
  );
}

function Recipient({ handOver }: { handOver: KeyDelivery }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 text-sm">
      <dt className="text-muted">Link to</dt>
      <dd className="break-words">
        <EmailAddress>{handOver.email}</EmailAddress>
      </dd>
      <dt className="text-muted">Codes to</dt>
      <dd className="tabular-nums">{handOver.phone}</dd>
    </dl>
  );
}

function Earlier({ handOvers, now }: { handOvers: KeyDelivery[]; now: Date }) {
  return (
    <div className="grid gap-2 border-line border-t pt-3">
      <h3 className="font-semibold text-sm">Earlier</h3>
      {handOvers.map((handOver) => (
        <details key={handOver.id} className="rounded-md border border-line">
          <summary className="cursor-pointer rounded-md px-3 py-2 text-sm">
            <RelativeTime at={new Date(handOver.startedAt)} now={now} />
            <span>{`, ${STATES[handOver.state]}`}</span>
          </summary>
          <div className="grid gap-3 px-3 pt-1 pb-3">
            <Recipient handOver={handOver} />
            <TimelineEntries entries={handOver.entries} now={now} />
          </div>
        </details>
      ))}
    </div>
  );
}
