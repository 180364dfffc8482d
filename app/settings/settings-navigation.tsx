'use client';
import {
  Blocks,
  CalendarClock,
  KeyRound,
  type LucideIcon,
  MessageSquareText,
  ScrollText,
  UserRound,
  UsersRound,
  Webhook,
} from 'lucide-react';
import Link, { useLinkStatus } from 'next/link';
import { usePathname } from 'next/navigation';
import { classNames } from '#components/class-names.ts';
import { Spinner } from '#components/spinner.tsx';
import type { SettingsPage } from './settings-pages.ts';
import { DELETED_ACCOUNTS_PATH } from './users/deleted-api-accounts/deleted-accounts-path.ts';

/** API Accounts has none: it is listed below Users. */
const ICONS: Partial<Record<SettingsPage['name'], LucideIcon>> = {
  users: UsersRound,
  tokens: KeyRound,
  webhooks: Webhook,
  scopes: Blocks,
  expiry: CalendarClock,
  texts: MessageSquareText,
  log: ScrollText,
  self: UserRound,
};

/** Renders links to the settings pages that the user may open. */
export function SettingsNavigation({ pages }: { pages: SettingsPage[] }) {
  const subpages = pages.filter(({ name }) => name === 'accounts');
  return (
    <nav aria-label="Settings">
      <p className="px-2.5 text-sidebar-muted text-xs">Settings</p>
      <ul className="mt-2.5 grid gap-1 lg:gap-3">
        {pages
          .filter((page) => !subpages.includes(page))
          .map((page) => (
            <li key={page.name}>
              <NavigationLink page={page} />
              {page.name === 'users' && (
                <ul className="ms-4.5 mt-0.5 border-sidebar-line border-s ps-3.5">
                  {subpages.map((subpage) => (
                    <li key={subpage.name}>
                      <NavigationLink page={subpage} />
                    </li>
                  ))}
                </ul>
              )}
            </li>
          ))}
      </ul>
    </nav>
  );
}

/** Marks the current page with an accent line, if its link has no icon. */
const CURRENT_MARK_CLASS =
  'aria-[current=page]:before:absolute aria-[current=page]:before:inset-y-1.5 ' +
  'aria-[current=page]:before:-start-[0.9375rem] aria-[current=page]:before:w-0.5 ' +
  'aria-[current=page]:before:rounded-full aria-[current=page]:before:bg-accent';

function NavigationLink({ page: { name, label, href } }: { page: SettingsPage }) {
  const path = usePathname();
  // The page of one account or endpoint belongs to the list, and so does that of deleted accounts.
  const hasSubpages = name === 'accounts' || name === 'webhooks';
  const isCurrent =
    path === href ||
    (hasSubpages && path.startsWith(`${href}/`)) ||
    (name === 'accounts' && path === DELETED_ACCOUNTS_PATH);
  const Icon = ICONS[name];
  return (
    <Link
      href={href}
      // Every page is rendered per request, so a prefetch would only load the layout.
      prefetch={false}
      aria-current={isCurrent ? 'page' : undefined}
      className={classNames('sidebar-link', !Icon && CURRENT_MARK_CLASS)}
    >
      {Icon && <Icon aria-hidden="true" className="size-4 text-sidebar-muted" />}
      <span>{label}</span>
      <LoadingIndicator />
    </Link>
  );
}

/** Shows a spinner while the linked page loads. */
function LoadingIndicator() {
  const { pending } = useLinkStatus();
  return pending ? <Spinner /> : null;
}
