'use client';
import { useRef } from 'react';
import { Button } from '#components/button.tsx';
import { formatExact, RelativeTime } from '#components/relative-time.tsx';
import { StatusBadge } from '#components/status-badge.tsx';
import { useToast } from '#components/toast.tsx';
import type { SessionView } from '#lib/identity/sessions/schema.ts';
import { ActionFailure } from '../../action-failure.tsx';
import { useServerAction } from '../../use-server-action.ts';
import { signOutBrowser, signOutElsewhere } from './actions.ts';

type SessionListProps = { sessions: SessionView[]; now: Date };

const OVER = 'You were signed out there already. Reload the page to see where you still are.';
const elsewhere = signOutElsewhere as (nothing: undefined) => ReturnType<typeof signOutElsewhere>;

/** A person's sessions, this one first. */
export function SessionList({ sessions, now }: SessionListProps) {
  const toast = useToast();
  const list = useRef<HTMLUListElement>(null);
  const one = useServerAction(signOutBrowser);
  const all = useServerAction(elsewhere);

  /** The button that was pressed goes away: the keyboard's place is the list then. */
  function done(title: string) {
    toast({ title });
    list.current?.focus();
  }
  // What the other button failed at is over once this one is pressed.
  async function endOne({ id, browser }: SessionView) {
    all.setFailure(null);
    const result = await one.run({ id });
    if (result?.ok) done(`Signed out: ${browser}`);
    else if (result) one.setFailure({ message: OVER, signInAgain: false });
  }
  async function endAll() {
    one.setFailure(null);
    if (await all.run(undefined)) done('Signed out everywhere else');
  }

  return (
    <div className="grid justify-items-start gap-4">
      <ul
        ref={list}
        tabIndex={-1}
        aria-labelledby="sessions-heading"
        className="w-full divide-y divide-line rounded-xl border border-line bg-surface shadow-card"
      >
        {sessions.map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            now={now}
            pending={one.pending}
            onEnd={() => endOne(session)}
          />
        ))}
      </ul>
      <ActionFailure failure={one.failure ?? all.failure} />
      {sessions.length > 1 && (
        <Button pending={all.pending} pendingLabel="Signing out…" onClick={endAll}>
          Sign out everywhere else
        </Button>
      )}
    </div>
  );
}

type SessionRowProps = { session: SessionView; now: Date; pending: boolean; onEnd: () => void };

function SessionRow({ session, now, pending, onEnd }: SessionRowProps) {
  const { browser, address, createdAt, lastSeenAt, method, current } = session;
  const where = address ?? 'an unknown address';
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 p-5">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1 font-medium">
          <span>{browser}</span>
          {current && <StatusBadge tone="info">This browser</StatusBadge>}
        </p>
        <p className="break-words text-muted text-sm">
          From {where}. Signed in: <RelativeTime at={createdAt} now={now} />. Last seen:{' '}
          <RelativeTime at={lastSeenAt} now={now} />. By: {method}.
        </p>
      </div>
      {!current && (
        <Button
          size="sm"
          unavailable={pending}
          onClick={onEnd}
          aria-label={`Sign out: ${browser}, from ${where}, signed in ${formatExact(createdAt)}`}
        >
          Sign out
        </Button>
      )}
    </li>
  );
}
