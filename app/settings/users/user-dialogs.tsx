'use client';
import { Plus } from 'lucide-react';
import { createContext, type ReactNode, use, useMemo, useState } from 'react';
import { Button } from '#components/button.tsx';
import { EmailAddress } from '#components/email-address.tsx';
import type { UserSummary } from '#lib/identity/users/schema.ts';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { hasDraft, removeDraft } from '../../drafts/draft-storage.ts';
import { useReopenedDraft } from '../../drafts/use-reopened-draft.ts';
import { useRequestedDialog } from '../use-requested-dialog.ts';
import { EditUserDialog } from './edit-user-dialog.tsx';
import { InviteDialog } from './invite-dialog.tsx';

type DialogActions = { openInvite: () => void; openEditor: (user: UserSummary) => void };

const DialogActionsContext = createContext<DialogActions | null>(null);

function useDialogActions(): DialogActions {
  const actions = use(DialogActionsContext);
  if (!actions) throw new Error('useDialogActions must be used inside UserDialogs');
  return actions;
}

type OpenDialog = {
  dialog: 'invite' | 'edit' | null;
  /** The user whose editor was opened last. */
  user: UserSummary | null;
  /** Number of times that a dialog was opened. */
  openCount: number;
};

type UserDialogsProps = {
  /** The id of the current user. */
  ownId: string;
  /** Name of the OpenID provider whose claim sets roles; null if none does. */
  roleProvider: string | null;
  /** Name of the OpenID provider if single sign-on is the only sign-in method; otherwise null. */
  ssoOnlyProvider: string | null;
  /** Whether the current user is an administrator. */
  canEdit: boolean;
  /** The users that the current user may edit. */
  users: UserSummary[];
  children: ReactNode;
};

/**
 * Provides the dialogs of the users page: invitation and editor. The editor keeps the user as they were when it was
 * opened.
 */
export function UserDialogs(props: UserDialogsProps) {
  const { ownId, canEdit, roleProvider, ssoOnlyProvider, users, children } = props;
  const [openDialog, setOpenDialog] = useState<OpenDialog>({ dialog: null, user: null, openCount: 0 });
  const actions = useMemo<DialogActions>(
    () => ({
      openInvite: () =>
        setOpenDialog(({ user, openCount }) => ({ dialog: 'invite', user, openCount: openCount + 1 })),
      openEditor: (user) =>
        setOpenDialog(({ openCount }) => ({ dialog: 'edit', user, openCount: openCount + 1 })),
    }),
    [],
  );
  const { dialog, user, openCount } = openDialog;
  // A late response closes only the dialog that sent the request, not one that was opened later.
  const close = () => {
    if (dialog === 'invite') removeDraft(DRAFT_KEYS.invite);
    if (dialog === 'edit' && user) removeDraft(DRAFT_KEYS.user(user.id));
    setOpenDialog((current) => (current.openCount === openCount ? { ...current, dialog: null } : current));
  };

  useReopenedDraft((owner) => {
    if (hasDraft(DRAFT_KEYS.invite, owner)) return actions.openInvite();
    const edited = users.find(({ id }) => hasDraft(DRAFT_KEYS.user(id), owner));
    if (edited) actions.openEditor(edited);
  });
  useRequestedDialog('invite', () => {
    if (canEdit) actions.openInvite();
  });

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

/** Renders the button that opens the dialog to invite a user. */
export function InviteButton() {
  const { openInvite } = useDialogActions();
  return (
    <Button variant="primary" onClick={openInvite}>
      <Plus aria-hidden="true" />
      Invite a user
    </Button>
  );
}

/** Renders the user's email address as a button that opens the editor. */
export function EditUserButton({ user }: { user: UserSummary }) {
  const { openEditor } = useDialogActions();
  return (
    <button
      type="button"
      onClick={() => openEditor(user)}
      className="quiet-link max-w-full break-words text-start"
    >
      <EmailAddress>{user.email}</EmailAddress>
    </button>
  );
}
