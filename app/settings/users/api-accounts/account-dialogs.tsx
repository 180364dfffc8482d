'use client';
import { useRouter } from 'next/navigation';
import { createContext, type ReactNode, type RefObject, use, useMemo, useRef, useState } from 'react';
import { LazyDialog } from '#components/lazy-dialog.tsx';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import type { SmsUsage } from '#lib/notifications/sms/schema.ts';
import { DRAFT_KEYS } from '../../../drafts/draft-keys.ts';
import { hasDraft, removeDraft } from '../../../drafts/draft-storage.ts';
import { useReopenedDraft } from '../../../drafts/use-reopened-draft.ts';
import { useRequestedDialog } from '../../use-requested-dialog.ts';
import type { AccessOptions } from './access/read-access-options.ts';
import { loadNewAccountDialog, loadResetKeyDialog } from './dialog-loaders.ts';
import { buildAccountHref } from './editor/account-href.ts';

type DialogActions = {
  openNewAccount: () => void;
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
  /** Today's text messages; null for a viewer. */
  smsUsage: SmsUsage | null;
  /** Null for a viewer. */
  accessOptions: AccessOptions | null;
  children: ReactNode;
};

/** Provides the two dialogs of the list of accounts to its children. */
export function AccountDialogs({ smsUsage, accessOptions, children }: AccountDialogsProps) {
  const router = useRouter();
  const [openDialog, setOpenDialog] = useState<'new' | 'reset' | null>(null);
  const [account, setAccount] = useState<AccountSummary | null>(null);
  const buttonAboveList = useRef<HTMLButtonElement>(null);

  const actions = useMemo<DialogActions>(
    () => ({
      openNewAccount: () => setOpenDialog('new'),
      openReset: (selected) => {
        setAccount(selected);
        setOpenDialog('reset');
      },
      buttonAboveList,
    }),
    [],
  );

  useReopenedDraft((owner) => {
    if (openDialog === null && hasDraft(DRAFT_KEYS.newAccount, owner)) actions.openNewAccount();
  });

  useRequestedDialog('newAccount', () => {
    if (smsUsage) actions.openNewAccount();
  });

  function close() {
    if (openDialog === 'new') removeDraft(DRAFT_KEYS.newAccount);
    setOpenDialog(null);
  }

  function openAccount({ id }: AccountSummary) {
    close();
    router.push(buildAccountHref(id, 'details'), { scroll: false });
  }

  return (
    <DialogActionsContext value={actions}>
      {children}
      <LazyDialog
        load={loadNewAccountDialog}
        isOpen={openDialog === 'new'}
        // Keeps a draft, which the user has not seen yet.
        onCancel={() => setOpenDialog(null)}
        props={{ open: openDialog === 'new', onClose: close, buttonAboveList, smsUsage, accessOptions }}
      />
      {account && (
        <LazyDialog
          load={loadResetKeyDialog}
          isOpen={openDialog === 'reset'}
          onCancel={close}
          props={{ open: openDialog === 'reset', onClose: close, onEdit: openAccount, account }}
        />
      )}
    </DialogActionsContext>
  );
}
