import { DIALOG_PARAMETER } from '../../../requested-dialog.ts';
import { API_ACCOUNTS_PATH } from '../list/accounts-query.ts';

/** The title of an account's page, and the name of the sheet that shows it. */
export const EDITOR_TITLE = 'Edit API Account';

/** The parts of an account's page, by the ids of their elements. */
export const ACCOUNT_SECTIONS = {
  details: 'Details',
  access: 'Access',
  delivery: 'Delivery',
  usage: 'Usage',
  history: 'History',
} as const;

export type AccountSection = keyof typeof ACCOUNT_SECTIONS;

/** Returns the URL of an account's page, or of a part of it. */
export const buildAccountHref = (id: string, section?: AccountSection) =>
  `${API_ACCOUNTS_PATH}/${encodeURIComponent(id)}${section ? `#${section}` : ''}`;

/** Returns the URL of an account's page that opens the dialog that resets its key, as the email about a leak does. */
export const buildResetHref = (id: string) => `${buildAccountHref(id)}?${DIALOG_PARAMETER}=resetKey`;
