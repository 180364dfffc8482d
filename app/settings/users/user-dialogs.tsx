'use client';
import { Plus } from 'lucide-react';
import { createContext, type ReactNode, use, useMemo, useState } from 'react';
import { Button } from '#components/button.tsx';
import { EmailAddress } from '#components/email-address.tsx';
import type { UserSummary } from '#lib/identity/users/schema.ts';
import { EditUserDialog } from './edit-user-dialog.tsx';
import { InviteDialog } from './invite-dialog.tsx';

type DialogActions = { invite: () => void; edit: (user: UserSummary) => void };

const DialogActionsContext = createContext<DialogActions | null>(null);

function useDialogActions(): DialogActions {
  const actions = use(DialogActionsContext);
  if (!actions) throw new Error('useDialogActions must be used inside UserDialogs');
  return actions;
}

type OpenDialog = {
  dialog: 'invite' | 'edit' | null;
  /** The user of the last editor. */
  user: UserSummary | null;
  /** How often a dialog was opened. */
  opening: number;
};

type UserDialogsProps = {
  /** The id of the current user. */
  ownId: string;
  /** The OpenID provider whose claim sets roles; null if none does. */
  roleProvider: string | null;
  /** The OpenID provider if it is the only sign-in method. */
  ssoOnlyProvider: string | null;
  children: ReactNode;
};

/** Provides the two dialogs of the list. An editor keeps the version of the user with which it was opened. */
export function UserDialogs({ ownId, roleProvider, ssoOnlyProvider, children }: UserDialogsProps) {
  const [open, setOpen] = useState<OpenDialog>({ dialog: null, user: null, opening: 0 });
  const actions = useMemo<DialogActions>(
    () => ({
      invite: () => setOpen(({ user, opening }) => ({ dialog: 'invite', user, opening: opening + 1 })),
      edit: (user) => setOpen(({ opening }) => ({ dialog: 'edit', user, opening: opening + 1 })),
    }),
    [],
  );
  const { dialog, user, opening } = open;
  // A late response closes only the dialog that sent the request, not one that was opened later.
  const close = () =>
    setOpen((current) => (current.opening === opening ? { ...current, dialog: null } : current));
  return (
    <DialogActionsContext value={actions}>
      {children}
      <InviteDialog
        open={dialog === 'invite'}
        roleProvider={roleProvider}
        ssoOnlyProvider={ssoOnlyProvider}
        onClose={close}
      />
      {user && (
        <EditUserDialog open={dialog === 'edit'} onClose={close} user={user} isSelf={user.id === ownId} />
      )}
    </DialogActionsContext>
  );
}

/** Opens the dialog that invites a user. */
export function InviteButton() {
  const { invite } = useDialogActions();
  return (
    <Button variant="primary" onClick={invite}>
      <Plus aria-hidden="true" />
      Invite a user
    </Button>
  );
}

/** Shows the user's email address, which opens the editor. */
export function EditUserButton({ user }: { user: UserSummary }) {
  const { edit } = useDialogActions();
  return (
    <button
      type="button"
      onClick={() => edit(user)}
      className="max-w-full break-words rounded-sm text-start font-medium underline decoration-edge/70 underline-offset-4 hover:decoration-2 hover:decoration-accent"
    >
      <EmailAddress>{user.email}</EmailAddress>
    </button>
  );
}
