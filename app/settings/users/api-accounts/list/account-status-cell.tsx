import {
  CircleAlert,
  CircleCheck,
  CirclePause,
  ClockAlert,
  Hourglass,
  Lock,
  TriangleAlert,
} from 'lucide-react';
import type { ComponentType, SVGProps } from 'react';
import { type BadgeTone, StatusBadge } from '#components/status-badge.tsx';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { type AccountStatus, STATUS_LABELS } from '#lib/api-accounts/status.ts';
import { formatBlockedSms } from '#lib/key-delivery/format-blocked-sms.ts';
import { MessageWithSettingsLink } from '../../../message-with-settings-link.tsx';
import { KeyDeliveryButton } from '../account-buttons.tsx';
import { adviseOnBlockedSms } from '../blocked-sms.ts';
import { NextAttempt } from '../next-attempt.tsx';

type Badge = { tone: BadgeTone; icon: ComponentType<SVGProps<SVGSVGElement>> };

const BADGES: Record<AccountStatus, Badge> = {
  awaiting_collection: { tone: 'info', icon: Hourglass },
  active: { tone: 'success', icon: CircleCheck },
  inactive: { tone: 'neutral', icon: CirclePause },
  link_expired: { tone: 'warning', icon: ClockAlert },
  locked: { tone: 'danger', icon: Lock },
};

const NEXT_STEPS: Partial<Record<AccountStatus, string>> = {
  link_expired: 'Reset the key to send a new link.',
  locked: 'Too many wrong codes. Reset the key to send a new link.',
};

const REPORTED_CHANGE = 'A recent change was reported as unauthorised.';

/** Marks an account with an unresolved report of an unauthorised contact change. */
function ReportMark({ canEdit }: { canEdit: boolean }) {
  return (
    <div className="flex gap-1.5 text-danger text-xs">
      <CircleAlert aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
      <p className="min-w-0">
        {canEdit ? `${REPORTED_CHANGE} Open the account to review it.` : REPORTED_CHANGE}
      </p>
    </div>
  );
}

/** Shows an account's status, what to do next, unresolved reports and messages that failed. */
export function AccountStatusCell({ account, canEdit }: { account: AccountSummary; canEdit: boolean }) {
  const { tone, icon } = BADGES[account.status];
  const nextStep = canEdit ? NEXT_STEPS[account.status] : undefined;
  return (
    <div className="grid justify-items-start gap-1.5">
      <StatusBadge tone={tone} icon={icon}>
        {STATUS_LABELS[account.status]}
      </StatusBadge>
      {nextStep && <p className="text-muted text-xs">{nextStep}</p>}
      {account.openReports.length > 0 && <ReportMark canEdit={canEdit} />}
      {account.deliveryProblems.length > 0 && (
        <div className="flex gap-1.5 text-warning text-xs">
          <TriangleAlert aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
          <div className="grid min-w-0 gap-1">
            {account.deliveryProblems.map(({ text, nextAttemptAt }) => (
              <p key={text}>
                <span>{`${text} `}</span>
                {nextAttemptAt && <NextAttempt at={nextAttemptAt} />}
              </p>
            ))}
          </div>
        </div>
      )}
      {account.smsBlockedReason !== null && (
        <div className="flex gap-1.5 text-warning text-xs">
          <TriangleAlert aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
          <div className="grid min-w-0 gap-1">
            <p>{`${formatBlockedSms(account.smsBlockedReason)}.`}</p>
            {canEdit && account.isRevealOpen && (
              <p>
                <MessageWithSettingsLink>
                  {adviseOnBlockedSms(account.smsBlockedReason)}
                </MessageWithSettingsLink>
              </p>
            )}
          </div>
        </div>
      )}
      {canEdit &&
        account.isRevealOpen &&
        (account.deliveryProblems.length > 0 || account.smsBlockedReason !== null) && (
          <KeyDeliveryButton account={account} />
        )}
    </div>
  );
}
