'use client';
import { createContext, type ReactNode, type RefObject, use, useMemo, useRef, useState } from 'react';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import type { SmsUsage } from '#lib/notifications/sms/schema.ts';
import { DRAFT_KEYS } from '../../../drafts/draft-keys.ts';
import { hasDraft, removeDraft } from '../../../drafts/draft-storage.ts';
import { useReopenedDraft } from '../../../drafts/use-reopened-draft.ts';
import { NewAccountDialog } from './create/new-account-dialog.tsx';
import { EditAccountDialog, type EditorFocus } from './editor/edit-account-dialog.tsx';
import { ResetKeyDialog } from './reset/reset-key-dialog.tsx';

type DialogActions = {
  openNewAccount: () => void;
  openEditor: (account: AccountSummary) => void;
  /** Opens the editor with the focus on the key delivery. */
  openKeyDelivery: (account: AccountSummary) => void;
  openReset: (account: AccountSummary) => void;
  /** The button above the list of accounts. It is always there, so it can get the focus back. */
  buttonAboveList: RefObject<HTMLButtonElement | null>;
};

const DialogActionsContext = createContext<DialogActions | null>(null);

/** Returns the functions that open the dialogs of the list of accounts, and the button above that list. */
export function useAccountDialogs(): DialogActions {
  const actions = use(DialogActionsContext);
  if (!actions) throw new Error('useAccountDialogs must be used inside AccountDialogs');
  return actions;
}

type AccountDialogsProps = {
  /** The account whose editor is open when the page loads; null for none. */
  initialAccount: AccountSummary | null;
  /** The accounts of the page that the user may edit. */
  accounts: AccountSummary[];
  /** Requests per minute for an account without its own limit; null: no limit. */
  defaultLimit: number | null;
  /** Today's text messages; null for a viewer. */
  smsUsage: SmsUsage | null;
  children: ReactNode;
};

type OpenDialog = 'new' | 'edit' | 'reset' | null;

/**
 * Provides the three dialogs of the list of accounts to its children.
 * The editor keeps the account as it was when the editor was opened, so that saving detects a conflict.
 */
export function AccountDialogs({ initialAccount, accounts, children, ...settings }: AccountDialogsProps) {
  const [openDialog, setOpenDialog] = useState<OpenDialog>(initialAccount ? 'edit' : null);
  const [account, setAccount] = useState(initialAccount);
  const [focus, setFocus] = useState<EditorFocus>('fields');
  const buttonAboveList = useRef<HTMLButtonElement>(null);

  const actions = useMemo<DialogActions>(() => {
    const openFor = (dialog: OpenDialog, selected: AccountSummary) => {
      setAccount(selected);
      setOpenDialog(dialog);
    };
    return {
      openNewAccount: () => setOpenDialog('new'),
      openEditor: (selected) => {
        setFocus('fields');
        openFor('edit', selected);
      },
      openKeyDelivery: (selected) => {
        setFocus('key_delivery');
        openFor('edit', selected);
      },
      openReset: (selected) => openFor('reset', selected),
      buttonAboveList,
    };
  }, []);

  useReopenedDraft((owner) => {
    if (openDialog !== null) return;
    if (hasDraft(DRAFT_KEYS.newAccount, owner)) return actions.openNewAccount();
    const edited = accounts.find(({ id }) => hasDraft(DRAFT_KEYS.account(id), owner));
    if (edited) actions.openEditor(edited);
  });

  function close() {
    if (openDialog === 'new') removeDraft(DRAFT_KEYS.newAccount);
    if (openDialog === 'edit' && account) removeDraft(DRAFT_KEYS.account(account.id));
    setOpenDialog(null);
    const url = new URL(window.location.href);
    if (!url.searchParams.has('edit')) return;
    url.searchParams.delete('edit');
    window.history.replaceState(null, '', url);
  }

  return (
    <DialogActionsContext value={actions}>
      {children}
      <NewAccountDialog
        open={openDialog === 'new'}
        onClose={close}
        buttonAboveList={buttonAboveList}
        smsUsage={settings.smsUsage}
      />
      {account && (
        <EditAccountDialog
          open={openDialog === 'edit'}
          onClose={close}
          account={account}
          defaultLimit={settings.defaultLimit}
          focus={focus}
        />
      )}
      {account && (
        <ResetKeyDialog
          open={openDialog === 'reset'}
          onClose={close}
          onEdit={actions.openEditor}
          account={account}
        />
      )}
    </DialogActionsContext>
  );
}
