'use client';
import { useRef } from 'react';
import { Button } from '#components/button.tsx';
import { formatExact } from '#components/format-time.ts';
import { RelativeTime, useTimeZone } from '#components/local-time.tsx';
import { StatusBadge } from '#components/status-badge.tsx';
import { useToast } from '#components/toast.tsx';
import type { SessionView } from '#lib/identity/sessions/schema.ts';
import { ActionFailure } from '../../action-failure.tsx';
import { ReauthDialog } from '../../reauth/reauth-dialog.tsx';
import { useServerAction } from '../../use-server-action.ts';
import { signOutBrowser, signOutElsewhere } from './actions.ts';

type SessionListProps = { sessions: SessionView[]; now: Date };

const EFFECT = {
  done: 'The browser was signed out.',
  maybe: 'It may have been signed out. Reload the page to check.',
};

const ALREADY_ENDED = 'That session has already ended. Reload the page.';

/** Lists the user's sessions, the current one first. */
export function SessionList({ sessions, now }: SessionListProps) {
  const toast = useToast();
  const list = useRef<HTMLUListElement>(null);
  const endOne = useServerAction(signOutBrowser, EFFECT);
  const endOthers = useServerAction(
    signOutElsewhere as (input: undefined) => ReturnType<typeof signOutElsewhere>,
    EFFECT,
  );

  /** Shows a toast and focuses the list, because the pressed button disappears. */
  function handleEnded(title: string) {
    toast({ title });
    list.current?.focus();
  }
  // Each button clears the failure of the other one.
  async function endSession({ id, browser }: SessionView) {
    endOthers.setFailure(null);
    const result = await endOne.run({ id });
    if (result?.ok) handleEnded(`Signed out: ${browser}`);
    else if (result) endOne.setFailure({ message: ALREADY_ENDED, needsSignIn: false });
  }
  async function endOtherSessions() {
    endOne.setFailure(null);
    if (await endOthers.run(undefined)) handleEnded('Signed out everywhere else');
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
            pending={endOne.pending}
            onSignOut={() => endSession(session)}
          />
        ))}
      </ul>
      <ActionFailure failure={endOne.failure ?? endOthers.failure} />
      <ReauthDialog {...endOne.reauth} />
      <ReauthDialog {...endOthers.reauth} />
      {sessions.length > 1 && (
        <Button pending={endOthers.pending} pendingLabel="Signing out…" onClick={endOtherSessions}>
          Sign out everywhere else
        </Button>
      )}
    </div>
  );
}

type SessionRowProps = { session: SessionView; now: Date; pending: boolean; onSignOut: () => void };

function SessionRow({ session, now, pending, onSignOut }: SessionRowProps) {
  const { browser, ipAddress, createdAt, lastSeenAt, methodLabel, isCurrent } = session;
  const fromAddress = ipAddress === null ? '' : ` from ${ipAddress},`;
  const timeZone = useTimeZone();
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 p-5">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1 font-medium">
          <span>{browser}</span>
          {isCurrent && <StatusBadge tone="info">This browser</StatusBadge>}
        </p>
        <p className="break-words text-muted text-sm">
          {ipAddress ?? 'Unknown IP address'} · Signed in{' '}
          <RelativeTime at={createdAt} now={now} isMidSentence /> with {methodLabel} · Active{' '}
          <RelativeTime at={lastSeenAt} now={now} isMidSentence />
        </p>
      </div>
      {!isCurrent && (
        <Button
          size="sm"
          unavailable={pending}
          onClick={onSignOut}
          aria-label={`Sign out: ${browser},${fromAddress} signed in ${formatExact(createdAt, timeZone)}`}
        >
          Sign out
        </Button>
      )}
    </li>
  );
}
