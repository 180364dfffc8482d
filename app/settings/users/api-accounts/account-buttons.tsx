'use client';
import { Plus } from 'lucide-react';
import type { MouseEvent } from 'react';
import { Button } from '#components/button.tsx';
import { EmailAddress } from '#components/email-address.tsx';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { useAccountDialogs } from './account-dialogs.tsx';

/** Opens the dialog for a new account. The `main` one stands above the list. */
export function NewAccountButton({ main = false }: { main?: boolean }) {
  const { create, mainButton } = useAccountDialogs();
  return (
    <Button variant={main ? 'primary' : 'secondary'} ref={main ? mainButton : undefined} onClick={create}>
      <Plus aria-hidden="true" />
      New API Account
    </Button>
  );
}

/** The email address, which opens the editor: here, or in another tab by its address. */
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

/** Asks whether to reset the key of the account that `describedBy` names. */
export function ResetKeyButton({ account, describedBy }: { account: AccountSummary; describedBy: string }) {
  const { reset } = useAccountDialogs();
  return (
    <Button size="sm" aria-describedby={describedBy} onClick={() => reset(account)}>
      Reset API Key
    </Button>
  );
}

/** Opens the editor where it tells what became of the messages, and sends them again. */
export function KeyDeliveryButton({ account }: { account: AccountSummary }) {
  const { seeHandOver } = useAccountDialogs();
  return (
    <Button size="sm" onClick={() => seeHandOver(account)}>
      See and send again
    </Button>
  );
}
