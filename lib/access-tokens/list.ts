import { asc, desc, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { accessTokens } from '#db/schema/access-tokens.ts';
import { selectActorName } from '#lib/identity/users/actor-name.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import type { AccessTokenDetails } from './schema.ts';

/** The tokens that are listed: valid ones come first. */
const MAX_LISTED = 500;

const state = sql<AccessTokenDetails['state']>`case when ${accessTokens.revokedAt} is not null then 'revoked'
  when ${accessTokens.expiresAt} <= now() then 'expired' else 'valid' end`;
const endedAt = sql`least(${accessTokens.revokedAt}, ${accessTokens.expiresAt})`;

/** Lists the organisation's access tokens: valid ones by name, then revoked and expired ones, the latest first. */
export function listAccessTokens(database: Queryable, _viewer: Viewer): Promise<AccessTokenDetails[]> {
  return database
    .select({
      id: accessTokens.id,
      name: accessTokens.name,
      scopes: accessTokens.scopes,
      createdAt: accessTokens.createdAt,
      createdBy: selectActorName(accessTokens.createdBy),
      expiresAt: accessTokens.expiresAt,
      lastUsedAt: accessTokens.lastUsedAt,
      lastIpAddress: accessTokens.lastIpAddress,
      state,
      revokedAt: accessTokens.revokedAt,
      revokedBy: selectActorName(accessTokens.revokedBy),
      hasLeaked: sql<boolean>`${accessTokens.revokedAt} is not null and ${accessTokens.revokedBy} is null`,
    })
    .from(accessTokens)
    .orderBy(
      desc(sql`${state} = 'valid'`),
      sql`case when ${state} = 'valid' then lower(${accessTokens.name}) end`,
      desc(endedAt),
      asc(accessTokens.id),
    )
    .limit(MAX_LISTED);
}
