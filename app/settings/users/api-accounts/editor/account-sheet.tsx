'use client';
import { useRouter } from 'next/navigation';
import { createContext, type ReactNode, use, useMemo, useRef, useState } from 'react';
import { Dialog } from '#components/dialog.tsx';
import { buildAccountHref, EDITOR_TITLE } from './account-href.ts';

type AccountSheetActions = {
  /** Closes the sheet and goes back to the list. */
  close: () => void;
  /** Sets what happens instead if the user closes the sheet; null: it closes. */
  setCloseHandler: (handler: (() => void) | null) => void;
};

const AccountSheetContext = createContext<AccountSheetActions | null>(null);

/** Returns the actions of the sheet that shows the account; null if the account stands alone. */
export const useAccountSheet = () => use(AccountSheetContext);

/** Returns the element that had the focus when the sheet opened, if it is still on the page. */
function findOpener(opener: Element | null, accountId: string): HTMLElement | true {
  if (opener instanceof HTMLElement && opener.isConnected && opener !== document.body) return opener;
  // The sheet was opened by Back or Forward, or the list has been refreshed.
  const link = document.querySelector<HTMLElement>(
    `main a[href="${CSS.escape(buildAccountHref(accountId))}"]`,
  );
  return link ?? document.getElementById('content') ?? true;
}

/**
 * Shows an account over the list from which it was opened. The list is the previous entry of the browser's history, so
 * closing goes back to it.
 */
export function AccountSheet({ accountId, children }: { accountId: string; children: ReactNode }) {
  const router = useRouter();
  const [isOpen, setIsOpen] = useState(true);
  const [opener] = useState(() => (typeof document === 'undefined' ? null : document.activeElement));
  const closeHandler = useRef<(() => void) | null>(null);
  const popup = useRef<HTMLDivElement>(null);

  const actions = useMemo<AccountSheetActions>(
    () => ({
      close: () => setIsOpen(false),
      setCloseHandler: (handler) => {
        closeHandler.current = handler;
      },
    }),
    [],
  );

  function handleOpenChange() {
    if (closeHandler.current) closeHandler.current();
    else actions.close();
  }

  return (
    <AccountSheetContext value={actions}>
      <Dialog
        open={isOpen}
        onOpenChange={handleOpenChange}
        onClosed={() => router.back()}
        title={EDITOR_TITLE}
        isSheet
        initialFocus={popup}
        finalFocus={() => findOpener(opener, accountId)}
      >
        {/* The header is read first, so no field gets the focus. */}
        <div ref={popup} tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
          {children}
        </div>
      </Dialog>
    </AccountSheetContext>
  );
}
