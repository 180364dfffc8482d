import type { NamedToken, NamedUser } from '#lib/audit/schema.ts';
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

type UserOptionsProps = { users: NamedUser[]; selected: string };

/** Renders the users and the access tokens as options, and the selected one even if it no longer exists. */
export function ActorOptions({ users, tokens, selected }: UserOptionsProps & { tokens: NamedToken[] }) {
  const isToken = tokens.some(({ id }) => id === selected);
  return (
    <>
      <UserOptions users={users} selected={isToken ? '' : selected} />
      {tokens.length > 0 && (
        <optgroup label="Access tokens">
          {tokens.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </optgroup>
      )}
    </>
  );
}

/** Renders the users as options, and the selected one even if that user no longer exists. */
export function UserOptions({ users, selected }: UserOptionsProps) {
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
