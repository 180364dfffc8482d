import type { AccessTokenScope, Actor } from '#lib/platform/authorization/actor.ts';

/** An access token may not get by webhook what it may not read. `scope`: the one that it lacks. */
export type ScopeRequired = { ok: false; reason: 'scope_required'; scope: AccessTokenScope };

/** Returns the scope with which a program can read what an event of this type contains. */
const getRequiredScope = (eventType: string): AccessTokenScope =>
  eventType === 'audit.event' ? 'audit:read' : 'accounts:read';

/** Returns the refusal of an access token that may not read what events of these types contain. Null for administrators. */
export function findMissingScope(
  actor: Actor<'webhooks:write'>,
  eventTypes: readonly string[],
): ScopeRequired | null {
  if ('userId' in actor) return null;
  const scope = eventTypes.map(getRequiredScope).find((required) => !actor.scopes.includes(required));
  return scope === undefined ? null : { ok: false, reason: 'scope_required', scope };
}
