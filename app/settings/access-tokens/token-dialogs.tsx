'use client';
import { Plus } from 'lucide-react';
import {
  createContext,
  type ReactNode,
  type RefObject,
  use,
  useCallback,
  useMemo,
  useRef,
  useState,
} from 'react';
import { Button } from '#components/button.tsx';
import type { AccessTokenDetails } from '#lib/access-tokens/schema.ts';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { hasDraft, removeDraft } from '../../drafts/draft-storage.ts';
import { useReopenedDraft } from '../../drafts/use-reopened-draft.ts';
import { type ShownSecret, ShownSecretDialog } from '../shown-secret-dialog.tsx';
import { useRequestedDialog } from '../use-requested-dialog.ts';
import { NewTokenDialog } from './new-token-dialog.tsx';
import { RevokeTokenDialog } from './revoke-token-dialog.tsx';

type DialogActions = {
  openNew: () => void;
  openRevocation: (token: AccessTokenDetails) => void;
  /** Gets the focus after a token was revoked, because the button of its row has disappeared. */
  newTokenButton: RefObject<HTMLButtonElement | null>;
};

const DialogActionsContext = createContext<DialogActions | null>(null);

function useDialogActions(): DialogActions {
  const actions = use(DialogActionsContext);
  if (!actions) throw new Error('useDialogActions must be used inside TokenDialogs');
  return actions;
}

type OpenDialog = {
  dialog: 'new' | 'revoke' | null;
  /** The token whose dialog was opened last. */
  token: AccessTokenDetails | null;
  /** Number of times that a dialog was opened. */
  openCount: number;
};

/** Provides the dialogs of the page of access tokens. */
export function TokenDialogs({ children }: { children: ReactNode }) {
  const [openDialog, setOpenDialog] = useState<OpenDialog>({ dialog: null, token: null, openCount: 0 });
  const [shownToken, setShownToken] = useState<ShownSecret | null>(null);
  const newTokenButton = useRef<HTMLButtonElement>(null);
  const actions = useMemo<DialogActions>(() => {
    const open = (dialog: OpenDialog['dialog'], opened?: AccessTokenDetails) =>
      setOpenDialog(({ token, openCount }) => ({ dialog, token: opened ?? token, openCount: openCount + 1 }));
    return { openNew: () => open('new'), openRevocation: (token) => open('revoke', token), newTokenButton };
  }, []);
  const { dialog, token, openCount } = openDialog;
  // A late response closes only the dialog that sent the request, not one that was opened later.
  const close = () => {
    if (dialog === 'new') removeDraft(DRAFT_KEYS.newAccessToken);
    setOpenDialog((current) => (current.openCount === openCount ? { ...current, dialog: null } : current));
  };
  const hideToken = useCallback(() => setShownToken(null), []);

  useReopenedDraft((owner) => {
    if (hasDraft(DRAFT_KEYS.newAccessToken, owner)) actions.openNew();
  });
  useRequestedDialog('newAccessToken', actions.openNew);

  return (
    <DialogActionsContext value={actions}>
      {children}
      <NewTokenDialog open={dialog === 'new'} onClose={close} onCreated={setShownToken} />
      <ShownSecretDialog
        shown={shownToken}
        title="Your new access token"
        noun="access token"
        onClose={hideToken}
      >
        Save it where the program reads its secrets. We store only a digest of it, so we can’t show it again.
      </ShownSecretDialog>
      {token && (
        <RevokeTokenDialog
          open={dialog === 'revoke'}
          token={token}
          onClose={close}
          buttonAboveList={newTokenButton}
        />
      )}
    </DialogActionsContext>
  );
}

/** Renders the button that opens the dialog for a new access token. */
export function NewTokenButton() {
  const { openNew, newTokenButton } = useDialogActions();
  return (
    <Button variant="primary" ref={newTokenButton} onClick={openNew}>
      <Plus aria-hidden="true" />
      New access token
    </Button>
  );
}

type RevokeTokenButtonProps = {
  token: AccessTokenDetails;
  /** The id of the element that names the token. */
  describedBy: string;
};

/** Renders the button that opens the dialog to revoke a token. */
export function RevokeTokenButton({ token, describedBy }: RevokeTokenButtonProps) {
  const { openRevocation } = useDialogActions();
  return (
    <div className="flex @4xl:justify-end">
      <Button size="sm" aria-describedby={describedBy} onClick={() => openRevocation(token)}>
        Revoke…
      </Button>
    </div>
  );
}
