'use client';
import { MessageSquareText, ScrollText, UserRound, UsersRound } from 'lucide-react';
import Link, { useLinkStatus } from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { classNames } from '#components/class-names.ts';
import { Spinner } from '#components/spinner.tsx';
import { TEXT_MESSAGES_PATH } from '#lib/notifications/sms/schema.ts';

const USERS_PATH = '/settings/users';
const API_ACCOUNTS_PATH = '/settings/users/api-accounts';
const AUDIT_LOG_PATH = '/settings/audit-log';
const YOUR_ACCOUNT_PATH = '/settings/your-account';

/** Renders links to the settings pages that the user may open: as a list, or in a row on narrow screens. */
export function SettingsNavigation({ canView, canAdminister }: { canView: boolean; canAdminister: boolean }) {
  return (
    <nav aria-label="Settings" className="max-lg:order-last max-lg:w-full lg:mt-9">
      <p className="px-2.5 text-sidebar-muted text-xs max-lg:hidden">Settings</p>
      <ul className="flex flex-wrap gap-x-1.5 gap-y-1 max-lg:-mx-1 lg:mt-2.5 lg:block">
        {canView && <ListLinks />}
        {canAdminister && (
          <li className="lg:mt-3">
            <NavigationLink
              href={TEXT_MESSAGES_PATH}
              icon={
                <MessageSquareText aria-hidden="true" className="size-4 text-sidebar-muted max-lg:hidden" />
              }
            >
              Text messages
            </NavigationLink>
          </li>
        )}
        {canAdminister && (
          <li className="lg:mt-3">
            <NavigationLink
              href={AUDIT_LOG_PATH}
              icon={<ScrollText aria-hidden="true" className="size-4 text-sidebar-muted max-lg:hidden" />}
            >
              Audit log
            </NavigationLink>
          </li>
        )}
        <li className="lg:mt-3">
          <NavigationLink
            href={YOUR_ACCOUNT_PATH}
            icon={<UserRound aria-hidden="true" className="size-4 text-sidebar-muted max-lg:hidden" />}
          >
            Your account
          </NavigationLink>
        </li>
      </ul>
    </nav>
  );
}

/** Renders links to the lists of users and API accounts, which viewers may open too. */
function ListLinks() {
  return (
    <li className="max-lg:flex max-lg:gap-x-1.5">
      <NavigationLink
        href={USERS_PATH}
        icon={<UsersRound aria-hidden="true" className="size-4 text-sidebar-muted max-lg:hidden" />}
      >
        Users
      </NavigationLink>
      <ul className="lg:mt-0.5 lg:ms-4.5 lg:border-sidebar-line lg:border-s lg:ps-3.5">
        <li>
          <NavigationLink href={API_ACCOUNTS_PATH}>API Accounts</NavigationLink>
        </li>
      </ul>
    </li>
  );
}

const LINK_CLASS =
  'relative flex min-h-9 items-center gap-2.5 rounded-md px-3 py-1.5 font-medium hover:bg-sidebar-raised ' +
  'aria-[current=page]:bg-sidebar-raised';
/** Marks the current page with an accent line, if its link has no icon. */
const CURRENT_MARK_CLASS =
  'lg:aria-[current=page]:before:absolute lg:aria-[current=page]:before:inset-y-1.5 ' +
  'lg:aria-[current=page]:before:-start-[0.9375rem] lg:aria-[current=page]:before:w-0.5 ' +
  'lg:aria-[current=page]:before:rounded-full lg:aria-[current=page]:before:bg-accent';

function NavigationLink({ href, icon, children }: { href: string; icon?: ReactNode; children: ReactNode }) {
  const isCurrent = usePathname() === href;
  return (
    <Link
      href={href}
      // Every page is rendered per request, so a prefetch would only load the layout.
      prefetch={false}
      aria-current={isCurrent ? 'page' : undefined}
      className={classNames(LINK_CLASS, icon ? 'lg:px-2.5' : CURRENT_MARK_CLASS)}
    >
      {icon}
      <span>{children}</span>
      <LoadingIndicator />
    </Link>
  );
}

/** Shows a spinner while the linked page loads. */
function LoadingIndicator() {
  const { pending } = useLinkStatus();
  return pending ? <Spinner /> : null;
}
