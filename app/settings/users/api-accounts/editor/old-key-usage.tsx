import { formatCount } from '#components/format.ts';
import type { AccountUsage } from '#lib/api-accounts/usage/schema.ts';

/** Shows how many of the allowed requests had an old key, which worked after a reset; nothing if none had. */
export function OldKeyUsage({ usage: { hours, days } }: { usage: Pick<AccountUsage, 'hours' | 'days'> }) {
  const inDay = hours.total.allowedPrevious;
  const inMonth = days.total.allowedPrevious;
  if (inDay + inMonth === 0) return null;
  return (
    <dl className="mt-2 grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 border-line border-t pt-2 text-sm">
      <dt className="text-muted">Allowed with an old key, in the last 24 hours</dt>
      <dd className="text-end font-medium tabular-nums">{formatCount(inDay)}</dd>
      <dt className="text-muted">Allowed with an old key, in the last 30 days</dt>
      <dd className="text-end font-medium tabular-nums">{formatCount(inMonth)}</dd>
    </dl>
  );
}
