'use client';
import { useHydrated } from '#components/use-hydrated.ts';
import { toggleAccounts, useSelection } from './selection.ts';

type SelectAccountProps = { id: string; username: string };

/** Renders the checkbox that selects an account for a change of many, once a click on it has an effect. */
export function SelectAccount({ id, username }: SelectAccountProps) {
  const { ids, isAll } = useSelection();
  const isHydrated = useHydrated();
  if (!isHydrated) return null;
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
