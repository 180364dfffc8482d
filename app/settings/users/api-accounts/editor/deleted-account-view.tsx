'use client';
import Link from 'next/link';
import { useEffect, useRef } from 'react';
import { LocalTime } from '#components/local-time.tsx';
import { Notice } from '#components/notice.tsx';
import type { DeletedAccount } from '#lib/api-accounts/schema.ts';
import { buildAuditHref } from '../../../audit-log/audit-query.ts';
import { TimeAndName } from './time-and-name.tsx';

/** Shows what is left of a deleted account. */
export function DeletedAccountView({ account }: { account: DeletedAccount }) {
  const box = useRef<HTMLDivElement>(null);
  // If the account was just deleted here, the button that had the focus is gone.
  useEffect(() => {
    if (document.activeElement === document.body) box.current?.focus();
  }, []);
  const { id, username, hasPermanentDetails, createdAt, createdBy, deletedAt, deletedBy, expiresAt } =
    account;
  return (
    <div ref={box} tabIndex={-1} className="grid max-w-3xl gap-4 p-5 outline-none sm:p-6">
      <h2 className="break-words font-semibold text-xl tracking-tight">
        <bdi translate="no">{username}</bdi>
      </h2>
      <Notice tone="info" title="This account was deleted">
        <p>
          Its key, link and code no longer work, and its contact details are erased. You can’t restore it. You
          can see it here, and can’t use its username again, until <LocalTime at={expiresAt} format="date" />.
        </p>
        {hasPermanentDetails && (
          <p className="mt-2">
            Some entries in the audit log are from an earlier version of Stagedoor. The contact details in
            those can’t be erased.
          </p>
        )}
      </Notice>
      <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-[auto_minmax(0,1fr)]">
        <dt className="text-muted">Deleted</dt>
        <dd className="min-w-0 break-words max-sm:mb-1.5">
          <TimeAndName at={deletedAt} name={deletedBy ?? 'a former user'} />
        </dd>
        <dt className="text-muted">Created</dt>
        <dd className="min-w-0 break-words max-sm:mb-1.5">
          <TimeAndName at={createdAt} name={createdBy} />
        </dd>
      </dl>
      <p>
        <Link href={buildAuditHref({ account: id })} className="font-medium underline underline-offset-2">
          View its history in the audit log
        </Link>
      </p>
    </div>
  );
}
