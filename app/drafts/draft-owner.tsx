'use client';
import { createContext, type ReactNode, use, useEffect } from 'react';
import { removeDrafts } from './draft-storage.ts';

const DraftOwnerContext = createContext<string | null>(null);

/** Returns the id of the user to whom drafts belong; null if it is unknown, and then there are none. */
export const useDraftOwner = () => use(DraftOwnerContext);

/** Says to whom the drafts of its children belong, and removes those of other users of the same tab. */
export function DraftOwner({ userId, children }: { userId: string | null; children: ReactNode }) {
  useEffect(() => {
    if (userId !== null) removeDrafts({ except: userId });
  }, [userId]);
  return <DraftOwnerContext value={userId}>{children}</DraftOwnerContext>;
}
