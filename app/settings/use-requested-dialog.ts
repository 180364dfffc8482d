'use client';
import { useSearchParams } from 'next/navigation';
import { useEffect, useEffectEvent } from 'react';
import { DIALOG_PARAMETER, type RequestedDialog } from './requested-dialog.ts';

/**
 * Opens the dialog if the URL asks for it, and removes that from the URL, so that a reload does not open it again.
 * `resetKey` is on the page of each account, so the command palette does not offer it.
 */
export function useRequestedDialog(dialog: RequestedDialog | 'resetKey', open: () => void): void {
  const isRequested = useSearchParams().get(DIALOG_PARAMETER) === dialog;
  const openDialog = useEffectEvent(() => {
    const url = new URL(window.location.href);
    url.searchParams.delete(DIALOG_PARAMETER);
    window.history.replaceState(null, '', url);
    open();
  });
  useEffect(() => {
    if (isRequested) openDialog();
  }, [isRequested]);
}
