import type { Administrator } from './roles.ts';

/** What an access token may do with the management API. */
export const ACCESS_TOKEN_SCOPES = [
  'accounts:read',
  'accounts:write',
  'audit:read',
  'webhooks:write',
] as const;
export type AccessTokenScope = (typeof ACCESS_TOKEN_SCOPES)[number];

/** A valid access token of the management API, as just read from the database. */
export type ValidAccessToken = {
  accessTokenId: string;
  name: string;
  scopes: AccessTokenScope[];
  /** The IP address of this request, for the audit log. */
  ipAddress: string;
  /**
   * Always true: recent authentication protects a browser that was left unattended, and a token has none. Its scopes,
   * expiry and rate limit bound what it can do.
   */
  hasRecentAuth: true;
};

declare const grantedScopes: unique symbol;

/**
 * An access token that has a scope. It acts for the organisation, so it has no user. Only `brandAccessToken` creates one,
 * so code without the check of the scope does not compile.
 */
export type AccessTokenActor<Scope extends AccessTokenScope> = ValidAccessToken & {
  readonly [grantedScopes]: Record<Scope, true>;
};

/** Who may call a use case that the settings pages and the management API share. */
export type Actor<Scope extends AccessTokenScope> = Administrator | AccessTokenActor<Scope>;

/** Returns the token as an actor; null if it does not have the scope. */
export function brandAccessToken<Scope extends AccessTokenScope>(
  token: ValidAccessToken,
  scope: Scope,
): AccessTokenActor<Scope> | null {
  return token.scopes.includes(scope) ? (token as AccessTokenActor<Scope>) : null;
}

type Identified = { userId: string } | { accessTokenId: string };

/** Returns the id of the user or of the access token, for columns such as `created_by`. */
export const getActorId = (actor: Identified): string =>
  'userId' in actor ? actor.userId : actor.accessTokenId;

/** The actor of an audit event. At most one of the ids is set. */
export type AuditActor = { userId: string | null; accessTokenId: string | null; ipAddress: string };

/** Returns what identifies the actor in an audit event. */
export const getAuditActor = (actor: Identified & { ipAddress: string }): AuditActor => ({
  userId: 'userId' in actor ? actor.userId : null,
  accessTokenId: 'accessTokenId' in actor ? actor.accessTokenId : null,
  ipAddress: actor.ipAddress,
});
