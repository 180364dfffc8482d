import type { AccountSummary } from './schema.ts';

/** The tabs of the list. Accounts whose key was not collected yet are only in `all`, and here if they need attention. */
export const ACCOUNT_TABS = ['all', 'needs_attention', 'active', 'inactive', 'expiring', 'unused'] as const;
export type AccountTab = (typeof ACCOUNT_TABS)[number];

export const TAB_LABELS: Record<AccountTab, string> = {
  all: 'All',
  needs_attention: 'Needs attention',
  active: 'Active',
  inactive: 'Inactive',
  expiring: 'Expiring',
  unused: 'Unused',
};

/** An account is in the tab *Expiring* from so many days before its last day on, until it is extended. */
export const EXPIRING_DAYS = 30;
/** An account is unused if its key was not collected for so many days after the key delivery began… */
export const UNCOLLECTED_DAYS = 7;
/** …or not used for so many days. */
export const UNUSED_DAYS = 90;

/** The columns that the list can be sorted by. The status is none, because it depends on the time: the tabs select it. */
export const SORT_COLUMNS = ['username', 'email', 'phone', 'last_used', 'created', 'expires'] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

/** What the list shows, and in which order. */
export type AccountFilter = {
  /** Part of a username, an email address or a phone number. */
  search: string;
  status: AccountTab;
  sort: SortColumn;
  order: 'asc' | 'desc';
};

export const DEFAULT_FILTER: AccountFilter = { search: '', status: 'all', sort: 'username', order: 'asc' };

type AttentionReasons = Pick<
  AccountSummary,
  'status' | 'deliveryProblems' | 'smsBlockedReason' | 'openReports' | 'isNetworkRefused'
>;

/** Returns whether an administrator should do something about an account. The list finds the same accounts with SQL. */
export const needsAttention = ({
  status,
  deliveryProblems,
  smsBlockedReason,
  openReports,
  isNetworkRefused,
}: AttentionReasons): boolean =>
  status === 'leaked' ||
  status === 'link_expired' ||
  status === 'locked' ||
  deliveryProblems.length > 0 ||
  smsBlockedReason !== null ||
  openReports.length > 0 ||
  isNetworkRefused;
