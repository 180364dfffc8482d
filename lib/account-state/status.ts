/** Status of an account, as the settings pages show it. */
export type AccountStatus =
  | 'awaiting_collection'
  | 'active'
  | 'inactive'
  | 'expired'
  | 'leaked'
  | 'link_expired'
  | 'locked';

export const STATUS_LABELS: Record<AccountStatus, string> = {
  awaiting_collection: 'Key not collected',
  active: 'Active',
  inactive: 'Inactive',
  expired: 'Expired',
  leaked: 'Leaked',
  link_expired: 'Link expired',
  locked: 'Locked',
};

/** State of an account and its current reveal. */
export type AccountState = {
  active: boolean;
  /** Whether the account itself has expired. */
  isExpired: boolean;
  hasKey: boolean;
  /** Whether the key was reported as leaked, and not reset since then. */
  isKeyLeaked: boolean;
  /** Whether the current reveal has no attempts left. */
  isRevealLocked: boolean;
  /** Whether the current reveal's link has expired. */
  isRevealExpired: boolean;
};

/** Derives the status. Inactivity takes precedence over the expiry, that over the key or its leak, and those over the reveal. */
export function deriveStatus(state: AccountState): AccountStatus {
  if (!state.active) return 'inactive';
  if (state.isExpired) return 'expired';
  if (state.hasKey) return 'active';
  if (state.isKeyLeaked) return 'leaked';
  if (state.isRevealLocked) return 'locked';
  return state.isRevealExpired ? 'link_expired' : 'awaiting_collection';
}

/** The leak of an account's key, which was revoked for that. */
export type AccountLeak = {
  /** The account's current key, or the previous one. */
  key: 'current' | 'previous';
  source: LeakSource;
  /** Where it was found, as the report says. Only GitHub's reports are signed. */
  url: string | null;
  at: Date;
};

/** Who reported a leak: a person on the page for leaked keys, a program, or GitHub, which signed the report. */
export type LeakSource = 'page' | 'api' | 'github';
