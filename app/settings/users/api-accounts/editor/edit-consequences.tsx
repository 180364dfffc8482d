import type { ReactNode } from 'react';
import { Notice } from '#components/notice.tsx';
import type { AccountStatus } from '#lib/account-state/status.ts';
import { parseLimit } from '#lib/api-accounts/parse-limit.ts';
import type { AccountDetails } from '#lib/api-accounts/schema.ts';
import { normalizeEmail } from '#lib/platform/user-input/email.ts';
import { normalizePhone } from '#lib/platform/user-input/phone.ts';
import { isExpired } from '../access/access-labels.ts';
import { formatLimit } from './limit-labels.ts';
import { type EditableAccount, isSameValue } from './merge-account.ts';

type ConsequenceProps = { account: AccountDetails; typed: EditableAccount };

/** Announces its content when it appears. */
export function Consequence({ children }: { children: ReactNode }) {
  return (
    <div role="status" className="not-empty:mt-2.5">
      {children}
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

/** Shows below a changed contact detail what saving does. If both were changed, shows it below the email address. */
export function ContactConsequence({
  field,
  account,
  typed,
}: ConsequenceProps & { field: 'email' | 'phone' }) {
  const isShown =
    !isSameValue(field, typed, account) && (field === 'email' || isSameValue('email', typed, account));
  return (
    <Consequence>
      {isShown && account.isRevealOpen && (
        <Notice tone="warning" title="Saving cancels the link and code you sent">
          <p>
            We’ll send new ones to <ContactDetail>{normalizeEmail(typed.email)}</ContactDetail> and{' '}
            <ContactDetail>{normalizePhone(typed.phone)}</ContactDetail>, and tell{' '}
            <ContactDetail>{account.email}</ContactDetail> about the change.
          </p>
        </Notice>
      )}
      {isShown && !account.isRevealOpen && (
        <Notice tone="info">
          <p>
            The API key doesn’t change. Future links and codes go to the new details. We’ll tell{' '}
            <ContactDetail>{account.email}</ContactDetail> about the change.
          </p>
        </Notice>
      )}
    </Consequence>
  );
}

const DEACTIVATION_TITLES: Partial<Record<AccountStatus, string>> = {
  active: 'When you save, this company loses access immediately',
  expired: 'This account has expired, so its key is refused already',
};

/** Shows below the checkbox what deactivating or reactivating does. */
export function ActivationConsequence({ account, typed }: ConsequenceProps) {
  return (
    <Consequence>
      {account.active && !typed.active && (
        <Notice
          tone="warning"
          title={
            DEACTIVATION_TITLES[account.oldKey ? 'active' : account.status] ??
            'When you save, any key this company collects won’t work'
          }
        >
          <p>
            <span>
              {isExpired(typed.expiresAt, account.readAt)
                ? 'To give access with the same key, tick the box again and set a later expiry.'
                : 'Tick the box again to give access with the same key. We don’t notify them.'}
            </span>
            {account.oldKey && <span> The old key, which still works, ends for good.</span>}
          </p>
        </Notice>
      )}
      {!account.active && typed.active && (
        <Notice tone="info">
          <p>
            {isExpired(typed.expiresAt, account.readAt)
              ? 'The account has expired, so any key they have is still refused. Set a later expiry, too.'
              : 'When you save, any key they have works again. We don’t notify them.'}
          </p>
        </Notice>
      )}
    </Consequence>
  );
}

/** Shows below a changed limit what it allows. */
export function LimitConsequence({
  account,
  typed,
  defaultLimit,
}: ConsequenceProps & { defaultLimit: number | null }) {
  const limit = parseLimit(typed.requestsPerMinute);
  return (
    <Consequence>
      {limit !== undefined && limit !== account.requestsPerMinute && (
        <Notice tone="info">
          <p>{`When you save, ${formatLimit(limit, defaultLimit)}.`}</p>
        </Notice>
      )}
    </Consequence>
  );
}
