import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { accessTokens } from '#db/schema/access-tokens.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';

/** `not_found`: there is no such token, or it is revoked already. */
export type RevokeAccessTokenResult = { ok: true } | { ok: false; reason: 'not_found' };

/**
 * Revokes an access token: from the commit on, no request with it is allowed, and no change that a request had begun is
 * made any more. Needs no recent authentication, because it only takes access away, and may be urgent.
 */
export async function revokeAccessToken(
  database: Database,
  { userId, ipAddress }: Administrator,
  { id }: { id: string },
): Promise<RevokeAccessTokenResult> {
  return withTransaction(database, async (transaction): Promise<RevokeAccessTokenResult> => {
    const [revoked] = await transaction
      .update(accessTokens)
      .set({ revokedAt: sql`now()`, revokedBy: userId })
      .where(and(eq(accessTokens.id, id), isNull(accessTokens.revokedAt)))
      .returning({ name: accessTokens.name });
    if (!revoked) return { ok: false, reason: 'not_found' };
    const details = { accessTokenId: id, accessToken: revoked.name };
    recordAuditEvent(transaction, 'access_token.revoked', { userId, ipAddress, details });
    return { ok: true };
  });
}
