'use client';
import { Plus } from 'lucide-react';
import type { MouseEvent } from 'react';
import { Button } from '#components/button.tsx';
import { EmailAddress } from '#components/email-address.tsx';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { useAccountDialogs } from './account-dialogs.tsx';

/** Opens the dialog for a new account. The `main` button is the one above the list. */
export function NewAccountButton({ main = false }: { main?: boolean }) {
  const { create, mainButton } = useAccountDialogs();
  return (
    <Button variant={main ? 'primary' : 'secondary'} ref={main ? mainButton : undefined} onClick={create}>
      <Plus aria-hidden="true" />
      New API Account
    </Button>
  );
}

/** Shows the email address as a link that opens the editor here, or in another tab by its URL. */
export function EditLink({ account, href }: { account: AccountSummary; href: string }) {
  const { edit } = useAccountDialogs();

  function open(event: MouseEvent) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    edit(account);
  }

  return (
    <a
      href={href}
      onClick={open}
      className="rounded-sm font-medium underline decoration-edge/70 underline-offset-4 hover:decoration-2 hover:decoration-accent"
    >
      <EmailAddress>{account.email}</EmailAddress>
    </a>
  );
}

/** Opens the dialog that resets the account's key. `describedBy`: the id of the element that names the account. */
export function ResetKeyButton({ account, describedBy }: { account: AccountSummary; describedBy: string }) {
  const { reset } = useAccountDialogs();
  return (
    <Button size="sm" aria-describedby={describedBy} onClick={() => reset(account)}>
      Reset API Key
    </Button>
  );
}

/** Opens the editor at the account's key delivery, which shows the messages and can send them again. */
export function KeyDeliveryButton({ account }: { account: AccountSummary }) {
  const { openKeyDelivery } = useAccountDialogs();
  return (
    <Button size="sm" onClick={() => openKeyDelivery(account)}>
      Resend…
    </Button>
  );
}
