'use client';
import { useEffect, useState } from 'react';
import { RelativeTime } from '#components/local-time.tsx';
import { Skeleton, SkeletonText } from '#components/skeleton.tsx';
import type { RecentUse as Use } from '#lib/api-accounts/usage/schema.ts';
import { loadRecentUse } from '../actions.ts';
import { formatRequestsToday } from './reset-labels.ts';

/** Loads how an account is used. The reset itself reports to a user who has been signed out. */
async function loadUse(id: string): Promise<Use | 'failed'> {
  try {
    const result = await loadRecentUse({ id });
    return result.ok ? result.recentUse : 'failed';
  } catch {
    // The server's log has the cause; if the connection was lost, the browser's console has it.
    return 'failed';
  }
}

/** Shows what a reset puts at stake: when and from where the account was last used, and how often today. */
export function RecentUse({ accountId }: { accountId: string }) {
  const [use, setUse] = useState<Use | 'loading' | 'failed'>('loading');

  useEffect(() => {
    void loadUse(accountId).then(setUse);
  }, [accountId]);

  if (use === 'failed') return <p className="text-muted">How the key is used couldn’t be loaded.</p>;
  if (use === 'loading') {
    return (
      <Skeleton>
        <p>
          <SkeletonText>Used 2 minutes ago from 192.0.2.1, 1,204 requests today.</SkeletonText>
        </p>
      </Skeleton>
    );
  }
  const { lastUsedAt, lastIpAddress, requestsToday, addressesToday, readAt } = use;
  if (!lastUsedAt) return <p className="font-medium">No key of this account was ever used.</p>;
  return (
    <p className="min-w-0 break-words font-medium">
      <span>Used </span>
      <RelativeTime at={lastUsedAt} now={readAt} isMidSentence />
      {lastIpAddress && addressesToday <= 1 && (
        <>
          <span> from </span>
          <bdi translate="no">{lastIpAddress}</bdi>
        </>
      )}
      <span>{`, ${formatRequestsToday(requestsToday, addressesToday)}.`}</span>
    </p>
  );
}
