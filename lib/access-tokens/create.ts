import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { accessTokens } from '#db/schema/access-tokens.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { digestKey, generateKey } from '#lib/api-keys/api-key.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { lockUsersAsAdministrator } from '#lib/identity/users/last-administrator.ts';
import type { Administrator, ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { selectReminderDays } from './reminder-days.ts';
import { ACCESS_TOKEN_TAG, type NewAccessToken } from './schema.ts';

export type CreateAccessTokenResult =
  /** `token` is stored nowhere, so it can be shown only now. */
  { ok: true; id: string; token: string; expiresAt: Date } | ReauthenticationRequired | Refusal;

/**
 * Creates an access token for the management API, and stores only its digest. Requires recent authentication, and checks
 * the administrator again in the transaction: the token outlives their session and their role.
 */
export async function createAccessToken(
  database: Database,
  administrator: Administrator,
  { name, scopes, days }: NewAccessToken,
): Promise<CreateAccessTokenResult> {
  const { userId, ipAddress, hasRecentAuth } = administrator;
  if (!hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const token = generateKey(ACCESS_TOKEN_TAG);
  return withTransaction(database, async (transaction): Promise<CreateAccessTokenResult> => {
    const refusal = await lockUsersAsAdministrator(transaction, administrator);
    if (refusal) return refusal;
    // In hours, because a day can have 23 or 25 of them in the session's time zone.
    const expiresAt = sql`now() + make_interval(hours => ${days * 24})`;
    const [created] = await transaction
      .insert(accessTokens)
      .values({
        id: uuidv7(),
        name,
        digest: digestKey(token),
        scopes,
        createdBy: userId,
        expiresAt,
        // The administrator has just chosen the expiry, so the reminder that is due now is skipped.
        reminderDays: selectReminderDays(expiresAt, sql`now()`),
      })
      .returning({ id: accessTokens.id, expiresAt: accessTokens.expiresAt });
    if (!created) throw new Error('the access token was not inserted');
    const details = {
      accessTokenId: created.id,
      accessToken: name,
      scopes: scopes.join(' '),
      expiresAt: created.expiresAt,
    };
    recordAuditEvent(transaction, 'access_token.created', { userId, ipAddress, details });
    return { ok: true, ...created, token };
  });
}
