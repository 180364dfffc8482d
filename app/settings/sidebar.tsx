import Link from 'next/link';
import { BrandMark } from '#components/brand-mark.tsx';
import { type CurrentUser, ROLE_LABELS } from '#lib/platform/authorization/roles.ts';
import { SettingsNavigation } from './settings-navigation.tsx';
import { SignOutButton } from './sign-out-button.tsx';

type SidebarProps = { organisationName: string; user: CurrentUser | null };

/** Renders the logo, the navigation and the current user: beside the page, or as a bar above it on narrow screens. */
export function Sidebar({ organisationName, user }: SidebarProps) {
  return (
    <header className="bg-sidebar text-sidebar-ink">
      <div className="accent-glow flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 [--glow-strength:34%] [--glow-x:2rem] sm:px-8 lg:sticky lg:top-0 lg:h-dvh lg:flex-col lg:flex-nowrap lg:items-stretch lg:gap-0 lg:overflow-y-auto lg:px-4 lg:py-5 lg:[--glow-x:2.5rem]">
        <Link
          href="/settings/users/api-accounts"
          className="flex min-w-0 items-center gap-3 rounded-md lg:px-1.5"
        >
          <BrandMark className="size-9" />
          <span className="min-w-0">
            <span className="block font-semibold text-lg leading-tight tracking-tight">Stagedoor</span>
            {organisationName !== 'Stagedoor' && (
              <span className="block truncate text-sm text-sidebar-muted">{organisationName}</span>
            )}
          </span>
        </Link>
        <SettingsNavigation
          // If the user is unknown, shows the links for viewers: each page explains why it cannot be opened.
          canView={user?.role !== null}
          canAdminister={user?.role === 'settings_administrator'}
        />
        {user && <CurrentUserPanel user={user} />}
      </div>
    </header>
  );
}

function CurrentUserPanel({ user }: { user: CurrentUser }) {
  return (
    <div className="ms-auto flex min-w-0 items-center gap-3 lg:ms-0 lg:mt-auto lg:block lg:border-sidebar-line lg:border-t lg:pt-4">
      <div className="min-w-0 max-sm:sr-only lg:px-2.5">
        <p className="truncate font-medium">{user.name}</p>
        <p className="truncate text-sm text-sidebar-muted max-lg:hidden" title={user.email}>
          {user.email}
        </p>
        <p className="truncate text-sm text-sidebar-muted">
          {user.role ? ROLE_LABELS[user.role] : 'No role'}
        </p>
      </div>
      <SignOutButton />
    </div>
  );
}
