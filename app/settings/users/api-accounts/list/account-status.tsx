import { CircleCheck, CirclePause, ClockAlert, Hourglass, Lock, TriangleAlert } from 'lucide-react';
import type { ComponentType, SVGProps } from 'react';
import { type BadgeTone, StatusBadge } from '#components/status-badge.tsx';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { type AccountStatus, STATUS_LABELS } from '#lib/api-accounts/status.ts';
import { MessageWithSettingsLink } from '../../../message-with-settings-link.tsx';
import { KeyDeliveryButton } from '../account-buttons.tsx';
import { NEXT_STEP } from '../blocked-sms.ts';
import { ReportMark } from './report-mark.tsx';

type Look = { tone: BadgeTone; icon: ComponentType<SVGProps<SVGSVGElement>> };

const LOOKS: Record<AccountStatus, Look> = {
  waiting: { tone: 'info', icon: Hourglass },
  active: { tone: 'success', icon: CircleCheck },
  inactive: { tone: 'neutral', icon: CirclePause },
  link_expired: { tone: 'warning', icon: ClockAlert },
  locked: { tone: 'danger', icon: Lock },
};

const NEXT_STEPS: Partial<Record<AccountStatus, string>> = {
  link_expired: 'Reset the key to send a new link.',
  locked: 'Too many wrong codes. Reset the key to send a new link.',
};

/** The status, what to do where somebody has to, and which of the messages did not arrive. */
export function AccountStatusCell({ account, canAct }: { account: AccountSummary; canAct: boolean }) {
  const { tone, icon } = LOOKS[account.status];
  const nextStep = canAct ? NEXT_STEPS[account.status] : undefined;
  return (
    <div className="grid justify-items-start gap-1.5">
      <StatusBadge tone={tone} icon={icon}>
        {STATUS_LABELS[account.status]}
      </StatusBadge>
      {nextStep && <p className="text-muted text-xs">{nextStep}</p>}
      {account.openReports.length > 0 && <ReportMark canAct={canAct} />}
      {account.deliveryFailures.length > 0 && (
        <div className="flex gap-1.5 text-warning text-xs">
          <TriangleAlert aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
          <div className="grid min-w-0 gap-1">
            {account.deliveryFailures.map((failure) => (
              <p key={failure}>{failure}</p>
            ))}
          </div>
        </div>
      )}
      {account.textRefused !== null && (
        <div className="flex gap-1.5 text-warning text-xs">
          <TriangleAlert aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
          <div className="grid min-w-0 gap-1">
            <p>{`The text was not sent: ${account.textRefused}`}</p>
            {canAct && account.revealUnderWay && (
              <p>
                <MessageWithSettingsLink>{NEXT_STEP}</MessageWithSettingsLink>
              </p>
            )}
          </div>
        </div>
      )}
      {canAct &&
        account.revealUnderWay &&
        (account.deliveryFailures.length > 0 || account.textRefused !== null) && (
          <KeyDeliveryButton account={account} />
        )}
    </div>
  );
}
