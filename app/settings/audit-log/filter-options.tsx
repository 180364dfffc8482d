import type { NamedUser } from '#lib/audit/schema.ts';
import { EVENT_LABELS } from './event-labels.ts';

const GROUPS = [...new Set(Object.values(EVENT_LABELS).map(({ group }) => group))];

/** Every act that has words, by group. */
export function ActionOptions() {
  return (
    <>
      <option value="">Anything</option>
      {GROUPS.map((group) => (
        <optgroup key={group} label={group}>
          {Object.entries(EVENT_LABELS)
            .filter(([, words]) => words.group === group)
            .map(([act, { label }]) => (
              <option key={act} value={act}>
                {label}
              </option>
            ))}
        </optgroup>
      ))}
    </>
  );
}

/** The people; and whoever is chosen, where they are no longer among them. */
export function ActorOptions({ people, chosen }: { people: NamedUser[]; chosen: string }) {
  const isMissing = chosen !== '' && chosen !== 'nobody' && !people.some(({ id }) => id === chosen);
  return (
    <>
      {people.map(({ id, name, email }) => (
        <option key={id} value={id}>
          {name ? `${name} (${email})` : email}
        </option>
      ))}
      {isMissing && <option value={chosen}>A user who is no longer there</option>}
    </>
  );
}
