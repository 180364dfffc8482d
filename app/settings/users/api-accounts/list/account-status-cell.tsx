import { CircleAlert, TriangleAlert } from 'lucide-react';
import { StatusBadge } from '#components/status-badge.tsx';
import { STATUS_LABELS } from '#lib/account-state/status.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { MessageWithSettingsLink } from '../../../message-with-settings-link.tsx';
import { ReviewLink } from '../account-buttons.tsx';
import { STATUS_BADGES } from '../account-status-badge.tsx';
import { NextAttempt } from '../next-attempt.tsx';
import { type AccountProblem, getNextStep, getRemedy, listProblems } from './account-problems.ts';
import { ResendButton } from './resend-button.tsx';
import { STATUS_ICONS } from './status-icons.tsx';

type AccountStatusCellProps = { account: AccountSummary; canEdit: boolean; isCreated: boolean };

/**
 * Shows an account's status, or its most important problem, and a button that resolves it. The row of a table stays one
 * line high: the sentences are then only a tooltip and for screen readers, and in the account itself.
 */
export function AccountStatusCell({ account, canEdit, isCreated }: AccountStatusCellProps) {
  const problems = listProblems(account, canEdit);
  const nextStep = canEdit ? getNextStep(account.status) : undefined;
  const remedy = canEdit ? getRemedy(account) : null;
  const oldKeyText = account.oldKey ? 'The old key still works.' : undefined;
  const texts = [...problems.map(({ text }) => text), nextStep, oldKeyText].filter(
    (text) => text !== undefined,
  );
  const badge = <AccountBadge account={account} problems={problems} />;
  // Most accounts have nothing else, and a page has many of them.
  if (!isCreated && !remedy && texts.length === 0) return badge;
  return (
    <div className="grid min-w-0 gap-1.5">
      {isCreated && <span className="sr-only">Just created.</span>}
      <div className="flex min-w-0 flex-wrap items-center gap-2 @4xl:flex-nowrap">
        <span title={texts.join(' ') || undefined} className="flex min-w-0 items-center gap-1.5">
          {badge}
        </span>
        {remedy === 'review' && <ReviewLink account={account} />}
        {remedy !== null && remedy !== 'review' && <ResendButton account={account} what={remedy.resend} />}
      </div>
      {texts.length > 0 && (
        <div className="grid gap-1 text-muted text-xs @4xl:sr-only">
          {problems.map(({ text, nextAttemptAt }) => (
            <p key={text}>
              <MessageWithSettingsLink>{`${text} `}</MessageWithSettingsLink>
              {nextAttemptAt && <NextAttempt at={nextAttemptAt} />}
            </p>
          ))}
          {nextStep && <p>{nextStep}</p>}
          {oldKeyText && <p>{oldKeyText}</p>}
        </div>
      )}
    </div>
  );
}

type AccountBadgeProps = { account: AccountSummary; problems: AccountProblem[] };

/** Shows the status, or the first problem with the status as an icon before it. */
function AccountBadge({ account: { status, openReports }, problems }: AccountBadgeProps) {
  const [problem, ...others] = problems;
  // The next step of these comes before that of any problem with their messages.
  const hasOwnStep = status === 'leaked' || status === 'locked' || status === 'link_expired';
  const Icon = STATUS_ICONS[status];
  if (!problem || (hasOwnStep && openReports.length === 0))
    return (
      <StatusBadge tone={STATUS_BADGES[status].tone} icon={Icon}>
        {STATUS_LABELS[status]}
      </StatusBadge>
    );
  const label = others.length > 0 ? `${problem.label} +${others.length}` : problem.label;
  const isReport = openReports.length > 0;
  return (
    <>
      <Icon aria-hidden="true" className="size-4 shrink-0 text-muted" />
      <span className="sr-only">{`${STATUS_LABELS[status]}. `}</span>
      <StatusBadge tone={isReport ? 'danger' : 'warning'} icon={isReport ? CircleAlert : TriangleAlert}>
        {label}
      </StatusBadge>
    </>
  );
}
