'use client';
import { Plus } from 'lucide-react';
import type { MouseEvent, ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { buttonClass } from '#components/button-class.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { useAccountDialogs } from './account-dialogs.tsx';

/** Renders a button that opens the dialog for a new account. The main button is the one above the list of accounts. */
export function NewAccountButton({ isMain = false }: { isMain?: boolean }) {
  const { openNewAccount, buttonAboveList } = useAccountDialogs();
  return (
    <Button
      variant={isMain ? 'primary' : 'secondary'}
      ref={isMain ? buttonAboveList : undefined}
      onClick={openNewAccount}
    >
      <Plus aria-hidden="true" />
      New API Account
    </Button>
  );
}

type AccountLinkProps = {
  account: AccountSummary;
  /** The URL at which the account opens. */
  href: string;
  title: string;
  children: ReactNode;
};

/** Calls `open` for an ordinary click; any other opens the link's URL, for example in a new tab. */
function handleClick(event: MouseEvent, open: () => void) {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  open();
}

/** Renders a link that opens an account: on this page, or by its URL in another tab. */
export function AccountLink({ account, href, title, children }: AccountLinkProps) {
  const { openEditor } = useAccountDialogs();
  return (
    <a
      href={href}
      title={title}
      onClick={(event) => handleClick(event, () => openEditor(account))}
      className="rounded-sm font-medium underline decoration-edge/70 underline-offset-4 hover:decoration-2 hover:decoration-accent"
    >
      {children}
    </a>
  );
}

/** Renders a link, which looks like a button, that opens an account at what needs attention. */
export function ReviewLink({ account, href }: Pick<AccountLinkProps, 'account' | 'href'>) {
  const { openEditor, openKeyDelivery } = useAccountDialogs();
  const open = account.openReports.length > 0 ? openEditor : openKeyDelivery;
  return (
    <a
      href={href}
      aria-describedby={`account-${account.id}`}
      onClick={(event) => handleClick(event, () => open(account))}
      className={buttonClass('secondary', 'sm', 'px-2.5! text-xs')}
    >
      Review
    </a>
  );
}

/** Renders the button that opens the reset dialog. `describedBy`: the id of the element that names the account. */
export function ResetKeyButton({ account, describedBy }: { account: AccountSummary; describedBy: string }) {
  const { openReset } = useAccountDialogs();
  return (
    <Button size="sm" aria-describedby={describedBy} onClick={() => openReset(account)}>
      Reset API Key
    </Button>
  );
}
