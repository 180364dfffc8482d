'use client';
import { Plus } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { buttonClass } from '#components/button-class.ts';
import { preloadOnIntent } from '#components/lazy-dialog.tsx';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { useAccountDialogs } from './account-dialogs.tsx';
import { loadNewAccountDialog, loadResetKeyDialog } from './dialog-loaders.ts';
import { buildAccountHref } from './editor/account-href.ts';
import { buildNameId } from './list/name-id.ts';

/** Renders a button that opens the dialog for a new account. The main button is the one above the list of accounts. */
export function NewAccountButton({ isMain = false }: { isMain?: boolean }) {
  const { openNewAccount, buttonAboveList } = useAccountDialogs();
  return (
    <Button
      variant={isMain ? 'primary' : 'secondary'}
      ref={isMain ? buttonAboveList : undefined}
      onClick={openNewAccount}
      {...preloadOnIntent(loadNewAccountDialog)}
    >
      <Plus aria-hidden="true" />
      New API Account
    </Button>
  );
}

type AccountLinkProps = { account: AccountSummary; title: string; children: ReactNode };

/** Renders a link that opens an account in a sheet over the list, or alone in another tab. */
export function AccountLink({ account, title, children }: AccountLinkProps) {
  return (
    <Link
      href={buildAccountHref(account.id)}
      title={title}
      prefetch={false}
      scroll={false}
      className="quiet-link"
    >
      {children}
    </Link>
  );
}

/** Renders a link, which looks like a button, that opens an account at what needs attention. */
export function ReviewLink({ account }: { account: AccountSummary }) {
  const isAtTop = account.openReports.length > 0 || account.status === 'leaked';
  const section = isAtTop ? undefined : 'delivery';
  return (
    <Link
      href={buildAccountHref(account.id, section)}
      prefetch={false}
      scroll={false}
      aria-describedby={buildNameId(account.id)}
      className={buttonClass('secondary', 'sm', 'px-2.5! text-xs')}
    >
      Review
    </Link>
  );
}

/** Renders the button that opens the reset dialog. `describedBy`: the id of the element that names the account. */
export function ResetKeyButton({ account, describedBy }: { account: AccountSummary; describedBy: string }) {
  const { openReset } = useAccountDialogs();
  return (
    <Button
      size="sm"
      aria-describedby={describedBy}
      onClick={() => openReset(account)}
      {...preloadOnIntent(loadResetKeyDialog)}
    >
      Reset API Key
    </Button>
  );
}
