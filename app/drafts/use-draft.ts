'use client';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { ANYONE } from './draft-keys.ts';
import { useDraftOwner } from './draft-owner.tsx';
import { type DraftSchema, readDraft, removeDraft, saveDraft } from './draft-storage.ts';

export type DraftOptions<Values> = {
  /** Names the form and what it edits. */
  key: string;
  schema: DraftSchema<Values>;
  /** What was typed, without secrets; null if it does not differ from what was saved. */
  typed: Values | null;
  /** Reports whether a draft has the values that were saved in the meantime. Such a draft is removed. */
  isSaved?: (draft: Values) => boolean;
  /** Puts a draft into the form. */
  restore: (draft: Values) => void;
  /** Who types; by default the signed-in user. */
  owner?: string;
};

/**
 * Keeps what is typed in a form while the page is reloaded, for example after an update of the server, or fails.
 * The code that closes the form calls `removeDraft`.
 * @returns whether the form was filled from a draft. `forget` hides the note about it
 */
export function useDraft<Values>({ key, schema, typed, isSaved, restore, ...options }: DraftOptions<Values>) {
  const user = useDraftOwner();
  const owner = options.owner ?? user;
  const [isRestored, setIsRestored] = useState(false);
  const isLoaded = useRef(false);
  const restoreDraft = useEffectEvent(() => {
    const draft = owner === null ? null : readDraft(key, owner, schema);
    if (draft === null) return;
    if (isSaved?.(draft)) return removeDraft(key);
    restore(draft);
    setIsRestored(true);
  });
  useEffect(() => restoreDraft(), []);

  const text = typed === null ? null : JSON.stringify(typed);
  useEffect(() => {
    // The first time, the form does not show the draft yet.
    if (isLoaded.current && owner !== null) {
      if (text === null) removeDraft(key);
      else saveDraft(key, owner, JSON.parse(text));
    }
    isLoaded.current = true;
  }, [key, owner, text]);

  // Unlike a reload, leaving the form ends this: another person may be the next to use the tab.
  useEffect(() => {
    if (owner === ANYONE) return () => removeDraft(key);
  }, [key, owner]);

  return { isRestored, forget: () => setIsRestored(false) };
}
