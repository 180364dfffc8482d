/** What an administrator sees of an account at a glance. */
export type AccountStatus = 'waiting' | 'active' | 'inactive' | 'link_expired' | 'locked';

export const STATUS_LABELS: Record<AccountStatus, string> = {
  waiting: 'Waiting for reveal',
  active: 'Active',
  inactive: 'Inactive',
  link_expired: 'Link expired',
  locked: 'Locked',
};

/** How an account and its present reveal stand. */
export type AccountState = {
  active: boolean;
  hasKey: boolean;
  /** The present reveal ran out of tries. */
  revealLocked: boolean;
  /** The present reveal's 24 hours are over. */
  revealExpired: boolean;
};

/** The status: what refuses the key comes first, then the key, then how the reveal stands. */
export function statusOf(state: AccountState): AccountStatus {
  if (!state.active) return 'inactive';
  if (state.hasKey) return 'active';
  if (state.revealLocked) return 'locked';
  return state.revealExpired ? 'link_expired' : 'waiting';
}
