import { EXPIRY_PAGE, EXPIRY_PATH } from '#lib/api-accounts/expiry/labels.ts';
import { TEXT_MESSAGES_PAGE, TEXT_MESSAGES_PATH } from '#lib/notifications/sms/labels.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';

export type SettingsPage = {
  name: 'users' | 'accounts' | 'scopes' | 'tokens' | 'webhooks' | 'expiry' | 'texts' | 'log' | 'self';
  label: string;
  href: string;
};

export const SCOPES_PATH = '/settings/scopes';
export const ACCESS_TOKENS_PATH = '/settings/access-tokens';
export const WEBHOOKS_PATH = '/settings/webhooks';

const LIST_PAGES: SettingsPage[] = [
  { name: 'users', label: 'Users', href: '/settings/users' },
  { name: 'accounts', label: 'API Accounts', href: '/settings/users/api-accounts' },
  { name: 'tokens', label: 'Access tokens', href: ACCESS_TOKENS_PATH },
  { name: 'webhooks', label: 'Webhooks', href: WEBHOOKS_PATH },
];
const ADMINISTRATOR_PAGES: SettingsPage[] = [
  { name: 'scopes', label: 'Scopes', href: SCOPES_PATH },
  { name: 'expiry', label: EXPIRY_PAGE, href: EXPIRY_PATH },
  { name: 'texts', label: TEXT_MESSAGES_PAGE, href: TEXT_MESSAGES_PATH },
  { name: 'log', label: 'Audit log', href: '/settings/audit-log' },
];
const OWN_PAGES: SettingsPage[] = [{ name: 'self', label: 'Your account', href: '/settings/your-account' }];

/**
 * Lists the settings pages that the user may open. If the user is unknown, lists those for viewers: each page explains
 * why it cannot be opened.
 */
export function listSettingsPages(user: Pick<CurrentUser, 'role'> | null): SettingsPage[] {
  if (user?.role === null) return OWN_PAGES;
  const isAdministrator = user?.role === 'settings_administrator';
  return [...LIST_PAGES, ...(isAdministrator ? ADMINISTRATOR_PAGES : []), ...OWN_PAGES];
}
