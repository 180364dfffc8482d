'use client';
import { createContext, type ReactNode, type RefObject, use, useMemo, useRef, useState } from 'react';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { NewAccountDialog } from './create/new-account-dialog.tsx';
import { EditAccountDialog } from './editor/edit-account-dialog.tsx';
import { ResetKeyDialog } from './reset/reset-key-dialog.tsx';

type Openers = {
  create: () => void;
  edit: (account: AccountSummary) => void;
  /** The editor too, from where its hand-over begins. */
  seeHandOver: (account: AccountSummary) => void;
  reset: (account: AccountSummary) => void;
  /** The button above the list, which is always there to take the keyboard back. */
  mainButton: RefObject<HTMLButtonElement | null>;
};

const OpenersContext = createContext<Openers | null>(null);

/** What the list's links and buttons open. */
export function useAccountDialogs(): Openers {
  const openers = use(OpenersContext);
  if (!openers) throw new Error('useAccountDialogs is for what stands inside AccountDialogs');
  return openers;
}

type AccountDialogsProps = {
  openEditor: AccountSummary | null;
  /** How many requests a minute are let through for an account without a limit of its own; null: any number. */
  defaultLimit: number | null;
  children: ReactNode;
};

type Shown = 'new' | 'edit' | 'reset' | null;

/**
 * Holds the three dialogs of the list. An editor keeps the account as it was when it was opened, also where
 * the list behind it has become newer: that is how two editors of one account are told apart.
 */
export function AccountDialogs({ openEditor, defaultLimit, children }: AccountDialogsProps) {
  const [shown, setShown] = useState<Shown>(openEditor ? 'edit' : null);
  const [account, setAccount] = useState(openEditor);
  const [at, setAt] = useState<'fields' | 'hand_over'>('fields');
  const mainButton = useRef<HTMLButtonElement>(null);

  const openers = useMemo<Openers>(() => {
    const show = (kind: Shown, of: AccountSummary) => {
      setAccount(of);
      setShown(kind);
    };
    return {
      create: () => setShown('new'),
      edit: (of) => {
        setAt('fields');
        show('edit', of);
      },
      seeHandOver: (of) => {
        setAt('hand_over');
        show('edit', of);
      },
      reset: (of) => show('reset', of),
      mainButton,
    };
  }, []);

  function close() {
    setShown(null);
    const address = new URL(window.location.href);
    if (!address.searchParams.has('edit')) return;
    address.searchParams.delete('edit');
    window.history.replaceState(null, '', address);
  }

  return (
    <OpenersContext value={openers}>
      {children}
      <NewAccountDialog open={shown === 'new'} onClose={close} mainButton={mainButton} />
      {account && (
        <EditAccountDialog
          open={shown === 'edit'}
          onClose={close}
          account={account}
          defaultLimit={defaultLimit}
          at={at}
        />
      )}
      {account && <ResetKeyDialog open={shown === 'reset'} onClose={close} account={account} />}
    </OpenersContext>
  );
}
