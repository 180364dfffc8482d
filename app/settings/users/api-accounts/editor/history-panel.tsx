'use client';
import Link from 'next/link';
import { useCallback, useEffect, useId, useState } from 'react';
import { Button } from '#components/button.tsx';
import { Spinner } from '#components/spinner.tsx';
import type { AuditEntry } from '#lib/audit/schema.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { loadAccountHistory } from '../../../audit-log/actions.ts';
import { auditHref } from '../../../audit-log/audit-query.ts';
import { LogEntry } from '../../../audit-log/log-entry.tsx';

type State =
  | { is: 'loading' }
  | { is: 'loaded'; entries: AuditEntry[]; more: boolean; readAt: Date }
  | { is: 'failed'; message: string; signInAgain: boolean };

const NO_RESPONSE = 'The history could not be loaded. What stands in the form is not affected.';
const SIGNED_OUT = 'Your session has ended, so the history cannot be shown.';

async function ask(id: string): Promise<State> {
  try {
    const result = await loadAccountHistory({ id });
    if (result.ok) return { is: 'loaded', ...result };
    const signInAgain = result.reason === 'signed_out';
    const message = signInAgain || result.reason === 'missing' ? SIGNED_OUT : result.message;
    return { is: 'failed', message, signInAgain };
  } catch {
    // The cause is in the server's log, or in the browser's console where the connection was lost.
    return { is: 'failed', message: NO_RESPONSE, signInAgain: false };
  }
}

/** What was done to an account, the newest first. Loads by itself. */
export function HistoryPanel({ accountId }: { accountId: string }) {
  const [state, setState] = useState<State>({ is: 'loading' });
  const headingId = useId();

  const load = useCallback(async () => {
    setState({ is: 'loading' });
    setState(await ask(accountId));
  }, [accountId]);

  useEffect(() => {
    void load();
  }, [load]);

  return (
    <section aria-labelledby={headingId} aria-busy={state.is === 'loading'} className="min-w-0">
      <h3 id={headingId} className="font-semibold">
        History
      </h3>
      {state.is === 'loading' && (
        <p role="status" className="mt-2 flex items-center gap-2 text-muted">
          <Spinner />
          <span>Loading…</span>
        </p>
      )}
      {state.is === 'failed' && (
        <div className="mt-3 grid justify-items-start gap-3">
          <ActionFailure failure={state} />
          <Button size="sm" onClick={load}>
            Try again
          </Button>
        </div>
      )}
      {state.is === 'loaded' && <Entries accountId={accountId} {...state} />}
    </section>
  );
}

type EntriesProps = { accountId: string; entries: AuditEntry[]; more: boolean; readAt: Date };

function Entries({ accountId, entries, more, readAt }: EntriesProps) {
  if (entries.length === 0) return <p className="mt-1 text-muted">Nothing is on record yet.</p>;
  return (
    <>
      <ol className="mt-1 max-h-96 divide-y divide-line overflow-y-auto pe-2">
        {entries.map((entry) => (
          <LogEntry key={entry.id} entry={entry} now={readAt} narrow />
        ))}
      </ol>
      <p className="mt-2 text-sm">
        <Link href={auditHref({ account: accountId })} className="font-medium underline underline-offset-2">
          {more ? 'All of it in the audit log' : 'In the audit log'}
        </Link>
      </p>
    </>
  );
}
