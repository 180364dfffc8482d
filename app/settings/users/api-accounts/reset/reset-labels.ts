import { formatCount } from '#components/format.ts';
import type { AccountSummary, OldKeyChoice } from '#lib/api-accounts/schema.ts';
import { formatDuration } from '#lib/platform/rate-limiter/format.ts';

/** What the administrator chose, in the form of the radio buttons. */
export type OldKeyOption = Exclude<OldKeyChoice, object> | 'after_hours';

export const OLD_KEY_OPTIONS: { value: OldKeyOption; label: string; description: string }[] = [
  {
    value: 'immediately',
    label: 'Immediately',
    description:
      'Their requests fail until they use the new key. Choose this if the old key may have leaked.',
  },
  {
    value: 'on_collection',
    label: 'When the new key is collected',
    description: 'Their requests fail from then until they’ve put the new key into their programs.',
  },
  {
    value: 'on_first_use',
    label: 'When the new key is first used',
    description: 'No request fails if only one program uses the key. If several do, choose a set time.',
  },
  {
    value: 'after_hours',
    label: 'After a set time',
    description: 'Both keys work until then, so they can replace the key in one program after the other.',
  },
];

/** The set times, in hours. */
export const OLD_KEY_HOURS = [1, 24, 7 * 24];
export const DEFAULT_OLD_KEY_HOURS = 24;

/** Formats a set time as "1 hour", "24 hours" or "7 days". */
export const formatHours = (hours: number) =>
  hours > 48 ? formatDuration(hours / 24, 'day') : formatDuration(hours, 'hour');

/** The verifiers store about 100 IP addresses of an account. */
const MAX_COUNTED_ADDRESSES = 99;

/** Formats the number of requests today: "1,204 requests today from 2 addresses". One address is named elsewhere. */
export function formatRequestsToday(requests: number, addresses: number): string {
  if (requests === 0) return 'no requests today';
  const count = requests === 1 ? '1 request today' : `${formatCount(requests)} requests today`;
  if (addresses <= 1) return count;
  return addresses > MAX_COUNTED_ADDRESSES
    ? `${count} from more than ${MAX_COUNTED_ADDRESSES} addresses`
    : `${count} from ${addresses} addresses`;
}

type ResetAccount = Pick<AccountSummary, 'status' | 'hasKey' | 'oldKey'>;

/** Returns why the old key cannot work for longer; null if it can. */
export function explainNoChoice({ status, hasKey, oldKey }: ResetAccount): string | null {
  if (status === 'inactive')
    return 'You can’t let the old key work for longer, because the account is inactive.';
  if (status === 'expired')
    return 'You can’t let the old key work for longer, because the account has expired.';
  if (status === 'leaked' && !oldKey) return 'The leaked key can’t work again.';
  return hasKey || oldKey ? null : 'There’s no old key yet that could work for longer.';
}

/** Describes when a key ends, after its name: "stops working immediately. You can’t undo this." */
function describeEnd(choice: OldKeyChoice): string {
  if (choice === 'immediately') return 'stops working immediately. You can’t undo this.';
  if (choice === 'on_collection') return 'works until they collect the new one, for 7 days at most.';
  if (choice === 'on_first_use') return 'works until the new one is first used, for 7 days at most.';
  return `works for another ${formatHours(choice.hours)}, beside the new one.`;
}

/** Describes what a reset does to the account's keys, link and code. */
export function describeConsequence(account: ResetAccount, choice: OldKeyChoice): string {
  const oldKeySentence = account.oldKey ? ` The old key ${describeEnd(choice)}` : '';
  switch (account.status) {
    case 'active':
      return `The current key ${describeEnd(choice)}`;
    case 'awaiting_collection':
      return account.oldKey
        ? `They haven’t collected the new key yet. The link and code already sent will stop working.${oldKeySentence}`
        : 'They haven’t collected a key yet. The link and code already sent will stop working.';
    case 'leaked':
      return `Their key was reported as leaked and no longer works. We’ll send a new link and code.${oldKeySentence}`;
    case 'link_expired':
      return `Their link has expired. We’ll send a new link and code.${oldKeySentence}`;
    case 'locked':
      return `Their link is locked. We’ll send a new link and code.${oldKeySentence}`;
    case 'inactive':
    case 'expired':
      return 'Any key, link or code they have stops working for good.';
  }
}
