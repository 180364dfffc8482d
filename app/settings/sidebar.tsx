import Link from 'next/link';
import { BrandMark } from '#components/brand-mark.tsx';
import { type CurrentUser, ROLE_LABELS } from '#lib/platform/authorization/roles.ts';
import type { Theme } from '../theme/theme.ts';
import { NavigationMenu } from './navigation-menu.tsx';
import { CommandPalette } from './search/command-palette.tsx';
import { SettingsNavigation } from './settings-navigation.tsx';
import { listSettingsPages } from './settings-pages.ts';
import { SignOutButton } from './sign-out-button.tsx';
import { ThemeSwitch } from './theme/theme-switch.tsx';

type SidebarProps = { organisationName: string; user: CurrentUser | null; theme: Theme };

/** Renders the logo, the navigation and the current user: beside the page, or as a bar with a menu on narrow screens. */
export function Sidebar({ organisationName, user, theme }: SidebarProps) {
  const pages = listSettingsPages(user);
  return (
    <header className="bg-sidebar text-sidebar-ink">
      <div className="accent-glow flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2 [--glow-strength:34%] [--glow-x:2rem] sm:px-8 lg:sticky lg:top-0 lg:h-dvh lg:flex-col lg:flex-nowrap lg:items-stretch lg:gap-0 lg:overflow-y-auto lg:px-4 lg:py-5 lg:[--glow-x:2.5rem]">
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
        <NavigationMenu
          action={
            user && (
              <CommandPalette
                pages={pages}
                canSearch={user.role !== null && !user.isMfaSetupRequired}
                canEdit={user.role === 'settings_administrator'}
              />
            )
          }
        >
          <SettingsNavigation pages={pages} />
          {user && (
            <div className="grid gap-4 lg:mt-auto">
              <ThemeSwitch savedTheme={theme} />
              <CurrentUserPanel user={user} />
            </div>
          )}
        </NavigationMenu>
      </div>
    </header>
  );
}

function CurrentUserPanel({ user }: { user: CurrentUser }) {
  return (
    <div className="border-sidebar-line border-t pt-4">
      <div className="min-w-0 px-2.5">
        <p className="truncate font-medium">{user.name}</p>
        <p className="truncate text-sm text-sidebar-muted" title={user.email}>
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
