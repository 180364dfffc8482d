import type { NamedUser } from '#lib/audit/schema.ts';
import { EVENT_LABELS } from './event-labels.ts';

const GROUPS = [...new Set(Object.values(EVENT_LABELS).map(({ group }) => group))];

/** Renders every labelled action as an option, in groups. */
export function ActionOptions() {
  return (
    <>
      <option value="">All</option>
      {GROUPS.map((group) => (
        <optgroup key={group} label={group}>
          {Object.entries(EVENT_LABELS)
            .filter(([, event]) => event.group === group)
            .map(([action, { label }]) => (
              <option key={action} value={action}>
                {label}
              </option>
            ))}
        </optgroup>
      ))}
    </>
  );
}

/** Renders the users as options, and the selected one even if that user no longer exists. */
export function UserOptions({ users, selected }: { users: NamedUser[]; selected: string }) {
  const isDeleted = selected !== '' && selected !== 'none' && !users.some(({ id }) => id === selected);
  return (
    <>
      {users.map(({ id, name, email }) => (
        <option key={id} value={id}>
          {name ? `${name} (${email})` : email}
        </option>
      ))}
      {isDeleted && <option value={selected}>Deleted user</option>}
    </>
  );
}
