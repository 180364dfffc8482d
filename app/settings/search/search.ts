import { z } from 'zod';
import type { CommandGroup, CommandItem } from '#components/command-dialog.tsx';
import type { FoundAccount } from '#lib/api-accounts/find.ts';
import type { FoundUser } from '#lib/identity/users/find.ts';
import { normalizeSearch } from '#lib/platform/user-input/name.ts';
import type { SettingsPage } from '../settings-pages.ts';
import { buildAccountHref } from '../users/api-accounts/editor/account-href.ts';
import { buildAccountsHref } from '../users/api-accounts/list/accounts-query.ts';

/** Results per group. */
export const RESULT_LIMIT = 5;

export const searchSchema = z.object({
  search: z
    .string()
    .max(200)
    // PostgreSQL cannot store NUL, so no text contains it.
    .refine((search) => !search.includes('\0'))
    .transform(normalizeSearch),
});

export type SearchResults = { accounts: FoundAccount[]; users: FoundUser[] };
export const NO_RESULTS: SearchResults = { accounts: [], users: [] };

const toAccountItem = ({ id, username, email }: FoundAccount, canEdit: boolean): CommandItem => ({
  href: canEdit ? buildAccountHref(id) : buildAccountsHref({ filter: { search: username } }),
  label: username,
  detail: email,
  isName: true,
});

const toUserItem = ({ id, name, email }: FoundUser): CommandItem => ({
  href: `/settings/users?user=${id}#user-${id}`,
  label: name || email,
  ...(name && { detail: email }),
  isName: true,
});

/** Builds the groups of the command palette: the pages whose name contains the text, then what the server has found. */
export function buildPaletteGroups(
  search: string,
  { pages, results, canEdit }: { pages: SettingsPage[]; results: SearchResults; canEdit: boolean },
): CommandGroup[] {
  const text = normalizeSearch(search).toLowerCase();
  const groups = [
    { label: 'API Accounts', items: results.accounts.map((account) => toAccountItem(account, canEdit)) },
    { label: 'Users', items: results.users.map(toUserItem) },
    {
      label: 'Pages',
      items: pages
        .filter(({ label }) => label.toLowerCase().includes(text))
        .map(({ label, href }) => ({ label, href })),
    },
  ];
  return groups.filter(({ items }) => items.length > 0);
}
