import { and, eq, gte, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { reveals } from '#db/schema/reveals.ts';
import { users } from '#db/schema/users.ts';
import { oldKeyEndColumns, toOldKeyEnd } from '#lib/key-delivery/previous-key.ts';
import type { OldKeyEnd } from '#lib/key-delivery/reveal/schema.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { readLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import type { KeyGuide } from './schema.ts';
import { createPageToken } from './shown-key.ts';

/**
 * Reads the name of the administrator who started a key delivery; null if that user may no longer sign in, or has no name:
 * then their email address is stored in its place.
 */
async function readStarterName(database: Database, revealId: string): Promise<string | null> {
  const [row] = await database
    .select({ name: users.name })
    .from(reveals)
    .innerJoin(
      auditEvents,
      and(
        eq(auditEvents.accountId, reveals.accountId),
        gte(auditEvents.at, reveals.createdAt),
        eq(auditEvents.action, 'reveal.started'),
        eq(sql`${auditEvents.details}->>'revealId'`, sql`${reveals.id}::text`),
      ),
    )
    .innerJoin(users, and(eq(users.id, auditEvents.userId), eq(users.active, true)))
    .where(eq(reveals.id, revealId));
  return row && row.name !== '' && !row.name.includes('@') ? row.name : null;
}

async function readOldKeyEnd(database: Database, revealId: string): Promise<OldKeyEnd | null> {
  const [row] = await database
    .select(oldKeyEndColumns)
    .from(reveals)
    .innerJoin(apiAccounts, eq(apiAccounts.id, reveals.accountId))
    .where(eq(reveals.id, revealId));
  return row ? toOldKeyEnd(row) : null;
}

/** Never fails, because the integrator must still get the key. Logs an error as `failureEvent`. */
async function tryToRead<Value>(read: Promise<Value>, failureEvent: string): Promise<Value | null> {
  try {
    return await read;
  } catch (error) {
    log.warn(failureEvent, { reason: error instanceof Error ? error.name : '' });
    return null;
  }
}

/**
 * Returns what the page that shows a key says about the API. The caller has just shown the key of this link.
 * The contact is that of the settings. Without it, it is the name of the administrator who started the key delivery, but
 * not their email address, with which they sign in.
 */
export async function readKeyGuide(database: Database, linkToken: string): Promise<KeyGuide | null> {
  const { authSecret, api } = settings();
  const revealId = readLinkToken('reveal', linkToken, authSecret);
  if (!revealId) return null;
  const [name, oldKey] = await Promise.all([
    api.contact ? null : tryToRead(readStarterName(database, revealId), 'key_guide.contact_not_read'),
    tryToRead(readOldKeyEnd(database, revealId), 'key_guide.old_key_not_read'),
  ]);
  return {
    pageToken: createPageToken(revealId),
    oldKey,
    baseUrl: api.baseUrl,
    docsUrl: api.docsUrl,
    contact: api.contact ?? (name === null ? null : { name, email: null }),
  };
}
