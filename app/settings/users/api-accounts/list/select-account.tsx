'use client';
import { toggleAccounts, useSelection } from './selection.ts';

type SelectAccountProps = { id: string; username: string };

/** Renders the checkbox that selects an account for a change of many. */
export function SelectAccount({ id, username }: SelectAccountProps) {
  const { ids, isAll } = useSelection();
  return (
    <input
      type="checkbox"
      aria-label={`Select ${username}`}
      checked={isAll || ids.has(id)}
      disabled={isAll}
      onChange={(event) => toggleAccounts([id], event.currentTarget.checked)}
      className="size-5 align-middle accent-primary"
    />
  );
}
