'use client';
import { useEffect, useEffectEvent } from 'react';
import { useDraftOwner } from './draft-owner.tsx';

/**
 * Calls `reopen` once, after the page was loaded or has recovered from an error, to open the dialog of a draft: one is
 * left if the page was reloaded or failed while the dialog was open.
 */
export function useReopenedDraft(reopen: (owner: string) => void): void {
  const owner = useDraftOwner();
  const reopenDraft = useEffectEvent(() => {
    if (owner !== null) reopen(owner);
  });
  useEffect(() => reopenDraft(), []);
}
