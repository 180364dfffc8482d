import { KeyRound, MailOpen, UserRoundPlus } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { BrandMark } from '#components/brand-mark.tsx';
import { buttonClass } from '#components/button-class.ts';
import type { AccountFilter, AccountTab } from '#lib/api-accounts/list-filter.ts';
import { API_ACCOUNTS_PATH, buildAccountsHref } from './accounts-query.ts';

/** Returns the steps of a key delivery, worded for an administrator or for a viewer. */
const getSteps = (canEdit: boolean) => [
  {
    icon: UserRoundPlus,
    title: canEdit ? 'You create an account' : 'An administrator creates an account',
    description: 'All you need is a username, an email address and a mobile number.',
  },
  {
    icon: MailOpen,
    title: 'They get two messages',
    description: 'A link by email and a code by text. They need both.',
  },
  {
    icon: KeyRound,
    title: 'They see their key, once',
    description: canEdit
      ? 'Only they see it. You can reset it or turn it off at any time.'
      : 'Only they see it. An administrator can reset it or turn it off at any time.',
  },
];

/** Explains how API accounts work, until the first one exists. `action`: the button that creates one. */
export function EmptyList({ action }: { action: ReactNode }) {
  return (
    <div className="accent-glow flex flex-col items-center rounded-lg px-5 py-12 text-center [--glow-strength:16%] sm:py-16">
      <BrandMark className="size-14" />
      <h2 className="mt-5 font-semibold text-xl tracking-tight">No company has access yet</h2>
      <p className="mt-1 max-w-md text-balance text-muted">
        Each company gets its own account and its own key. You never have to handle the key yourself.
      </p>
      <ol className="mt-9 grid w-full max-w-3xl gap-7 text-start sm:grid-cols-3">
        {getSteps(Boolean(action)).map(({ icon: Icon, title, description }) => (
          <li key={title} className="flex gap-3.5 sm:block">
            <span className="grid size-10 shrink-0 place-items-center rounded-md border border-line bg-surface">
              <Icon aria-hidden="true" className="size-5 text-ring" />
            </span>
            <div className="sm:mt-3">
              <p className="font-medium">{title}</p>
              <p className="mt-0.5 text-muted text-sm">{description}</p>
            </div>
          </li>
        ))}
      </ol>
      {action && <div className="mt-10">{action}</div>}
    </div>
  );
}

const NOTHING_IN_TAB: Record<AccountTab, string> = {
  all: 'This page is empty',
  needs_attention: 'No account needs attention',
  active: 'No account is active',
  inactive: 'No account is inactive',
  expiring: 'No account expires soon',
  unused: 'Every active account is in use',
};

/** Explains that no account matches the search or is in the tab, and links back to the whole list. */
export function NothingFound({ filter, action }: { filter: AccountFilter; action: ReactNode }) {
  const { search, status } = filter;
  return (
    <div className="flex flex-col items-center px-5 py-14 text-center">
      <h2 className="break-words font-semibold text-xl tracking-tight">
        {search ? (
          <span>
            {`No accounts ${status === 'all' ? '' : 'here '}match “`}
            <bdi translate="no">{search}</bdi>”
          </span>
        ) : (
          NOTHING_IN_TAB[status]
        )}
      </h2>
      {search && (
        <p className="mt-1 max-w-md text-balance text-muted">
          Search looks in usernames, display names, email addresses and phone numbers. Try a shorter search.
        </p>
      )}
      <div className="mt-6 flex flex-wrap justify-center gap-2.5">
        {search && status !== 'all' && (
          <Link href={buildAccountsHref({ filter: { search } })} className={buttonClass('secondary')}>
            Search all accounts
          </Link>
        )}
        <Link href={API_ACCOUNTS_PATH} className={buttonClass('secondary')}>
          Show all accounts
        </Link>
        <div className="empty:hidden">{action}</div>
      </div>
    </div>
  );
}
