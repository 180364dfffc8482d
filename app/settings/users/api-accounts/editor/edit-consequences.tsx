import { Notice } from '#components/notice.tsx';
import { parseLimit } from '#lib/api-accounts/parse-limit.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { normalizeEmail } from '#lib/platform/user-input/email.ts';
import { normalizePhone } from '#lib/platform/user-input/phone.ts';
import { formatLimit } from './limit-labels.ts';
import { type EditableAccount, isSameValue } from './merge-account.ts';

type EditConsequencesProps = { account: AccountSummary; typed: EditableAccount; defaultLimit: number | null };

/** Shows and announces the consequences of saving. */
export function EditConsequences({ account, typed, defaultLimit }: EditConsequencesProps) {
  const hasNewContact = !isSameValue('email', typed, account) || !isSameValue('phone', typed, account);
  const limit = parseLimit(typed.requestsPerMinute);
  const hasNewLimit = limit !== undefined && limit !== account.requestsPerMinute;
  return (
    <div role="status" className="grid gap-3 not-empty:mt-4">
      {hasNewContact && account.isRevealOpen && (
        <Notice tone="warning" title="Saving cancels the link and code you sent">
          <p>
            We’ll send new ones to <ContactDetail>{normalizeEmail(typed.email)}</ContactDetail> and{' '}
            <ContactDetail>{normalizePhone(typed.phone)}</ContactDetail>, and tell{' '}
            <ContactDetail>{account.email}</ContactDetail> about the change.
          </p>
        </Notice>
      )}
      {hasNewContact && !account.isRevealOpen && (
        <Notice tone="info">
          <p>
            The API key doesn’t change. Future links and codes go to the new details. We’ll tell{' '}
            <ContactDetail>{account.email}</ContactDetail> about the change.
          </p>
        </Notice>
      )}
      {account.active && !typed.active && (
        <Notice
          tone="warning"
          title={
            account.status === 'active'
              ? 'When you save, this company loses access immediately'
              : 'When you save, any key this company collects won’t work'
          }
        >
          <p>Tick the box again to give access with the same key. We don’t notify them.</p>
        </Notice>
      )}
      {!account.active && typed.active && (
        <Notice tone="info">
          <p>When you save, any key they have works again. We don’t notify them.</p>
        </Notice>
      )}
      {hasNewLimit && (
        <Notice tone="info">
          <p>{`When you save, ${formatLimit(limit, defaultLimit)}.`}</p>
        </Notice>
      )}
    </div>
  );
}

function ContactDetail({ children }: { children: string }) {
  return (
    <bdi translate="no" className="break-words font-medium">
      {children || '…'}
    </bdi>
  );
}
