import type { CommandGroup, CommandItem } from '#components/command-dialog.tsx';
import type { FoundAccount } from '#lib/api-accounts/find.ts';
import type { FoundUser } from '#lib/identity/users/find.ts';
import { normalizeSearch } from '#lib/platform/user-input/name.ts';
import { buildDialogHref, REQUESTED_DIALOGS, type RequestedDialog } from '../requested-dialog.ts';
import type { SettingsPage } from '../settings-pages.ts';
import { buildAccountHref } from '../users/api-accounts/editor/account-href.ts';
import { buildAccountsHref } from '../users/api-accounts/list/accounts-query.ts';

/** Results per group. */
export const RESULT_LIMIT = 5;

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

/** Returns those of the results of an earlier text that also contain this one. */
export function keepMatches({ accounts, users }: SearchResults, search: string): SearchResults {
  const text = normalizeSearch(search).toLowerCase();
  const isMatch = (...texts: string[]) => texts.some((found) => found.toLowerCase().includes(text));
  return {
    accounts: accounts.filter(({ username, email }) => isMatch(username, email)),
    users: users.filter(({ name, email }) => isMatch(name, email)),
  };
}

const ACTIONS: CommandItem[] = (Object.keys(REQUESTED_DIALOGS) as RequestedDialog[]).map((dialog) => ({
  href: buildDialogHref(dialog),
  label: REQUESTED_DIALOGS[dialog].label,
}));

/**
 * Builds the groups of the command palette: what the server has found, the pages whose name contains the text, and for
 * administrators the actions. An action only opens a dialog, which shows its consequences before it is confirmed.
 */
export function buildPaletteGroups(
  search: string,
  { pages, results, canEdit }: { pages: SettingsPage[]; results: SearchResults; canEdit: boolean },
): CommandGroup[] {
  const text = normalizeSearch(search).toLowerCase();
  const isFound = ({ label }: { label: string }) => label.toLowerCase().includes(text);
  const groups = [
    { label: 'API Accounts', items: results.accounts.map((account) => toAccountItem(account, canEdit)) },
    { label: 'Users', items: results.users.map(toUserItem) },
    {
      label: 'Pages',
      items: pages.filter(isFound).map(({ label, href }) => ({ label, href })),
    },
    { label: 'Actions', items: canEdit ? ACTIONS.filter(isFound) : [] },
  ];
  return groups.filter(({ items }) => items.length > 0);
}
