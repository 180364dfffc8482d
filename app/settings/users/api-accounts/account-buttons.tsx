'use client';
import { Plus } from 'lucide-react';
import type { MouseEvent } from 'react';
import { Button } from '#components/button.tsx';
import { EmailAddress } from '#components/email-address.tsx';
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

/** Renders an account's email address as a link that opens the editor: on this page, or by its URL in another tab. */
export function EditLink({ account, href }: { account: AccountSummary; href: string }) {
  const { openEditor } = useAccountDialogs();

  function handleClick(event: MouseEvent) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    openEditor(account);
  }

  return (
    <a
      href={href}
      onClick={handleClick}
      className="rounded-sm font-medium underline decoration-edge/70 underline-offset-4 hover:decoration-2 hover:decoration-accent"
    >
      <EmailAddress>{account.email}</EmailAddress>
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

/** Renders a button that opens the editor at the key delivery, where the messages can be resent. */
export function KeyDeliveryButton({ account }: { account: AccountSummary }) {
  const { openKeyDelivery } = useAccountDialogs();
  return (
    <Button size="sm" onClick={() => openKeyDelivery(account)}>
      Resend…
    </Button>
  );
}
