'use client';
import { useSyncExternalStore } from 'react';
import type { AccountFilter } from '#lib/api-accounts/list-filter.ts';

type Filter = Pick<AccountFilter, 'search' | 'status'>;

/** The selected accounts: these, or all that match the filter. */
type SelectedAccounts = { ids: ReadonlySet<string>; isAll: boolean };

const NOTHING: SelectedAccounts = { ids: new Set(), isAll: false };

/** Outside React, so that the selection stays while the administrator goes to another page of the list. */
let selected = NOTHING;
let selectedOf: Filter | null = null;
const listeners = new Set<() => void>();

function set(next: SelectedAccounts): void {
  selected = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export const clearSelection = () => set(NOTHING);
export const selectAll = () => set({ ids: new Set(), isAll: true });

/** Selects accounts one by one, or no longer. */
export function toggleAccounts(ids: string[], isSelected: boolean): void {
  const next = new Set(selected.ids);
  for (const id of ids) {
    if (isSelected) next.add(id);
    else next.delete(id);
  }
  set({ ids: next, isAll: false });
}

/** Ends the selection of another filter: the administrator could no longer see what is selected. */
export function keepSelectionOf({ search, status }: Filter): void {
  const isSame = selectedOf?.search === search && selectedOf.status === status;
  selectedOf = { search, status };
  if (!isSame && selected !== NOTHING) clearSelection();
}

/** Returns the selected accounts of the list. */
export const useSelection = () =>
  useSyncExternalStore(
    subscribe,
    () => selected,
    () => NOTHING,
  );
