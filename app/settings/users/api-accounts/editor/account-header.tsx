'use client';
import { useId } from 'react';
import { Button } from '#components/button.tsx';
import { CopyButton } from '#components/copy-button.tsx';
import { LocalTime, RelativeTime } from '#components/local-time.tsx';
import { Notice } from '#components/notice.tsx';
import type { AccountDetails } from '#lib/api-accounts/schema.ts';
import { isExpired } from '../access/access-labels.ts';
import { AccountStatusBadge } from '../account-status-badge.tsx';
import { SectionLink } from './section-navigation.tsx';
import { TimeAndName } from './time-and-name.tsx';

type AccountHeaderProps = {
  account: AccountDetails;
  /** The organisation's (IANA name). */
  timeZone: string;
  onReset: () => void;
};

/** Shows what an account is and when its key was issued and used, with the button that resets the key. */
export function AccountHeader({ account, timeZone, onReset }: AccountHeaderProps) {
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
      <Facts account={account} timeZone={timeZone} />
      {status === 'expired' && <ExpiryNotice />}
    </div>
  );
}

/** Says how to give access again. */
function ExpiryNotice() {
  return (
    <Notice tone="warning" title="This account has expired">
      <p>
        <span>Its API key is refused. To let the same key work again, set a later expiry in </span>
        <SectionLink id="access" className="font-medium underline underline-offset-2" />
        <span>, or remove it.</span>
      </p>
    </Notice>
  );
}

function Facts({ account, timeZone }: { account: AccountDetails; timeZone: string }) {
  const { id, lastUsedAt, lastIpAddress, createdAt, createdBy, keyIssuedAt, leak, expiresAt, readAt } =
    account;
  const noKeyText = leak?.key === 'current' ? 'Leaked and revoked' : 'Not collected yet';
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
      <dd className="max-sm:mb-1">{keyIssuedAt ? <LocalTime at={keyIssuedAt} /> : noKeyText}</dd>
      {expiresAt && (
        <>
          <dt className="text-muted">{isExpired(expiresAt, readAt) ? 'Expired' : 'Expires'}</dt>
          <dd className="max-sm:mb-1">
            <LocalTime at={expiresAt} timeZone={timeZone} />
          </dd>
        </>
      )}
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
