/** Status of an account, as the settings pages show it. */
export type AccountStatus =
  | 'awaiting_collection'
  | 'active'
  | 'inactive'
  | 'expired'
  | 'link_expired'
  | 'locked';

export const STATUS_LABELS: Record<AccountStatus, string> = {
  awaiting_collection: 'Key not collected',
  active: 'Active',
  inactive: 'Inactive',
  expired: 'Expired',
  link_expired: 'Link expired',
  locked: 'Locked',
};

/** State of an account and its current reveal. */
export type AccountState = {
  active: boolean;
  /** Whether the account itself has expired. */
  isExpired: boolean;
  hasKey: boolean;
  /** Whether the current reveal has no attempts left. */
  isRevealLocked: boolean;
  /** Whether the current reveal's link has expired. */
  isRevealExpired: boolean;
};

/** Derives the status. Inactivity takes precedence over the expiry, that over the key, and the key over the reveal. */
export function deriveStatus(state: AccountState): AccountStatus {
  if (!state.active) return 'inactive';
  if (state.isExpired) return 'expired';
  if (state.hasKey) return 'active';
  if (state.isRevealLocked) return 'locked';
  return state.isRevealExpired ? 'link_expired' : 'awaiting_collection';
}
