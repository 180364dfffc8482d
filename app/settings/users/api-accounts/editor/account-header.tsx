'use client';
import { useId } from 'react';
import { Button } from '#components/button.tsx';
import { CopyButton } from '#components/copy-button.tsx';
import { LocalTime, RelativeTime } from '#components/local-time.tsx';
import type { AccountDetails } from '#lib/api-accounts/schema.ts';
import { AccountStatusBadge } from '../account-status-badge.tsx';
import { TimeAndName } from './time-and-name.tsx';

type AccountHeaderProps = { account: AccountDetails; onReset: () => void };

/** Shows what an account is and when its key was issued and used, with the button that resets the key. */
export function AccountHeader({ account, onReset }: AccountHeaderProps) {
  const { username, displayName, status } = account;
  const nameId = useId();
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="grid min-w-0 gap-1.5">
          <h2 id={nameId} className="min-w-0 break-words font-semibold text-xl tracking-tight">
            <bdi translate="no">{displayName || username}</bdi>
          </h2>
          <AccountStatusBadge status={status} />
        </div>
        <Button aria-describedby={nameId} onClick={onReset}>
          Reset API Key
        </Button>
      </div>
      <Facts account={account} />
    </div>
  );
}

function Facts({ account }: { account: AccountDetails }) {
  const { id, lastUsedAt, lastIpAddress, createdAt, createdBy, keyIssuedAt, readAt } = account;
  return (
    <dl className="grid gap-x-4 gap-y-0.5 text-sm sm:grid-cols-[auto_minmax(0,1fr)]">
      <dt className="text-muted">Last used</dt>
      <dd className="min-w-0 break-words max-sm:mb-1">
        {lastUsedAt ? <RelativeTime at={lastUsedAt} now={readAt} /> : <span>Never</span>}
        {lastUsedAt && lastIpAddress && (
          <>
            <span> from </span>
            <bdi translate="no">{lastIpAddress}</bdi>
          </>
        )}
      </dd>
      <dt className="text-muted">Key issued</dt>
      <dd className="max-sm:mb-1">{keyIssuedAt ? <LocalTime at={keyIssuedAt} /> : 'Not collected yet'}</dd>
      <dt className="text-muted">Created</dt>
      <dd className="min-w-0 break-words max-sm:mb-1">
        <TimeAndName at={createdAt} name={createdBy} />
      </dd>
      <dt className="text-muted">Account ID</dt>
      <dd className="flex min-w-0 items-center gap-x-1">
        <code translate="no" className="min-w-0 break-words font-mono text-xs max-sm:tracking-tighter">
          {id}
        </code>
        <CopyButton value={id} label="Copy account ID" isIconOnly />
      </dd>
    </dl>
  );
}
