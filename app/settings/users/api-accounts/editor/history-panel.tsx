'use client';
import Link from 'next/link';
import { useCallback, useEffect, useState } from 'react';
import { Button } from '#components/button.tsx';
import { Skeleton } from '#components/skeleton.tsx';
import type { AuditEntry } from '#lib/audit/schema.ts';
import { isOutdated } from '../../../../request-errors.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { loadAccountHistory } from '../../../audit-log/actions.ts';
import { buildAuditHref } from '../../../audit-log/audit-query.ts';
import { LogEntry } from '../../../audit-log/log-entry.tsx';
import { EntrySkeletons } from '../../../audit-log/log-skeleton.tsx';
import { type Failure, OUTDATED } from '../../../use-server-action.ts';
import { describeLoadFailure, describeSignedOut, MISSING_ACCOUNT } from '../failure-messages.ts';

type HistoryState =
  | { status: 'loading'; isRetry: boolean }
  | { status: 'loaded'; entries: AuditEntry[]; hasMore: boolean; readAt: Date }
  | ({ status: 'failed' } & Failure);

async function loadHistory(id: string): Promise<HistoryState> {
  try {
    const result = await loadAccountHistory({ id });
    if (result.ok) return { status: 'loaded', ...result };
    if (result.reason === 'signed_out')
      return { status: 'failed', message: describeSignedOut('the history'), needsSignIn: true };
    const message = result.reason === 'not_found' ? MISSING_ACCOUNT : result.message;
    return { status: 'failed', message, needsSignIn: false };
  } catch (error) {
    // The server's log has the cause; if the connection was lost, the browser's console has it.
    if (isOutdated(error)) return { status: 'failed', ...OUTDATED };
    return { status: 'failed', message: describeLoadFailure('History'), needsSignIn: false };
  }
}

/** Loads and shows an account's audit events, newest first. */
export function HistoryPanel({ accountId }: { accountId: string }) {
  const [state, setState] = useState<HistoryState>({ status: 'loading', isRetry: false });

  const load = useCallback(
    async (isRetry: boolean) => {
      setState({ status: 'loading', isRetry });
      setState(await loadHistory(accountId));
    },
    [accountId],
  );

  useEffect(() => {
    void load(false);
  }, [load]);

  return (
    <div className="min-w-0">
      {state.status === 'loading' && (
        <Skeleton isPart={!state.isRetry} className="-mt-1">
          <EntrySkeletons entries={3} isNarrow />
        </Skeleton>
      )}
      {state.status === 'failed' && (
        <div className="mt-3 grid justify-items-start gap-3">
          <ActionFailure failure={state} />
          {!state.isOutdated && (
            <Button size="sm" onClick={() => load(true)}>
              Try again
            </Button>
          )}
        </div>
      )}
      {state.status === 'loaded' && <Entries accountId={accountId} {...state} />}
    </div>
  );
}

type EntriesProps = { accountId: string; entries: AuditEntry[]; hasMore: boolean; readAt: Date };

function Entries({ accountId, entries, hasMore, readAt }: EntriesProps) {
  if (entries.length === 0) return <p className="mt-1 text-muted">No history yet.</p>;
  return (
    <>
      <ol className="-mt-1 divide-y divide-line">
        {entries.map((entry) => (
          <LogEntry key={entry.id} entry={entry} now={readAt} isNarrow />
        ))}
      </ol>
      <p className="mt-2 text-sm">
        <Link
          href={buildAuditHref({ account: accountId })}
          className="font-medium underline underline-offset-2"
        >
          {hasMore ? 'View all in the audit log' : 'View in the audit log'}
        </Link>
      </p>
    </>
  );
}
