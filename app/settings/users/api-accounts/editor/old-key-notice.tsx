'use client';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { RelativeTime } from '#components/local-time.tsx';
import { Notice } from '#components/notice.tsx';
import type { AccountDetails } from '#lib/api-accounts/schema.ts';
import type { OldKey } from '#lib/key-delivery/timeline/schema.ts';
import { OldKeyEndTime } from '../old-key-end.tsx';
import { EndOldKeyDialog } from './end-old-key-dialog.tsx';
import { showSection } from './section-navigation.tsx';
import type { PolledTimeline } from './use-timeline.ts';

type OldKeyState = { oldKey: OldKey | null; readAt: Date };

/** Returns the newer of what the page and the timeline have read. */
function getNewest(account: AccountDetails, loaded: PolledTimeline['loaded']): OldKeyState {
  const timeline = loaded?.timeline;
  if (!timeline || new Date(timeline.readAt) < account.readAt)
    return { oldKey: account.oldKey, readAt: account.readAt };
  return { oldKey: timeline.oldKey, readAt: new Date(timeline.readAt) };
}

/** Polls when the old key's time has passed, because the next poll may be a minute away. */
function useRefreshAtEnd({ oldKey, readAt }: OldKeyState, refresh: () => void): void {
  const remainingMs = oldKey && Date.parse(oldKey.expiresAt) - readAt.getTime();
  useEffect(() => {
    if (remainingMs === null) return;
    // A little later, so that the database's clock has passed it, too.
    const timer = setTimeout(refresh, Math.max(0, remainingMs) + 500);
    return () => clearTimeout(timer);
  }, [remainingMs, refresh]);
}

/** Focuses the element if what had the focus has just been removed. */
function useFocusAfterRemoval(isRemoved: boolean, element: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (isRemoved && document.activeElement === document.body)
      element.current?.focus({ preventScroll: true });
  }, [isRemoved, element]);
}

type OldKeyNoticeProps = { account: AccountDetails; polled: PolledTimeline };

/** Shows until when an account's old key works, as long as it does, and lets an administrator end it. */
export function OldKeyNotice({ account, polled: { loaded, refresh } }: OldKeyNoticeProps) {
  const state = getNewest(account, loaded);
  const { oldKey, readAt } = state;
  const [isDialogOpen, setIsDialogOpen] = useState(false);
  const hasShown = useRef(false);
  const ended = useRef<HTMLDivElement>(null);
  if (oldKey) hasShown.current = true;
  const hasEnded = !oldKey && hasShown.current;
  useRefreshAtEnd(state, refresh);
  useFocusAfterRemoval(hasEnded && !isDialogOpen, ended);

  return (
    <div className="contents">
      {oldKey && (
        <section aria-label="Old key">
          <OldKeyDetails oldKey={oldKey} readAt={readAt} onEnd={() => setIsDialogOpen(true)} />
        </section>
      )}
      <div ref={ended} role="status" tabIndex={-1} className="rounded-md empty:hidden">
        {hasEnded && (
          <Notice tone="success">
            <p>The old key has stopped working.</p>
          </Notice>
        )}
      </div>
      <EndOldKeyDialog
        open={isDialogOpen}
        account={account}
        state={state}
        onClose={() => setIsDialogOpen(false)}
        onEnded={refresh}
        finalFocus={() => (ended.current?.firstElementChild ? ended.current : true)}
      />
    </div>
  );
}

const NEW_KEY_LABELS: Record<OldKey['newKey'], string> = {
  not_collected: 'Not collected yet',
  not_used: 'Collected, but not used yet',
  used: 'In use',
};

type OldKeyDetailsProps = { oldKey: OldKey; readAt: Date; onEnd: () => void };

function OldKeyDetails({ oldKey, readAt, onEnd }: OldKeyDetailsProps) {
  const { lastUsedAt, newKey } = oldKey;
  const title = (
    <>
      <span>Old key still works </span>
      <OldKeyEndTime {...oldKey} />
    </>
  );
  return (
    <Notice tone="info" title={title}>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-0.5 text-sm">
        <dt className="text-muted">Old key</dt>
        <dd>
          {lastUsedAt ? (
            <>
              <span>Last used </span>
              <RelativeTime at={new Date(lastUsedAt)} now={readAt} isMidSentence />
            </>
          ) : (
            <span>Not used since the reset</span>
          )}
        </dd>
        <dt className="text-muted">New key</dt>
        <dd>{NEW_KEY_LABELS[newKey]}</dd>
      </dl>
      <p className="text-sm">
        <span>Requests with both keys are counted: see </span>
        <button
          type="button"
          onClick={() => showSection('usage')}
          className="font-medium underline underline-offset-2"
        >
          Usage
        </button>
        <span>.</span>
      </p>
      <Button size="sm" className="mt-1 justify-self-start" onClick={onEnd}>
        End it now
      </Button>
    </Notice>
  );
}
