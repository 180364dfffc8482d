import { asc, desc, eq, type SQL, sql } from 'drizzle-orm';
import { MAX, NIL, validate } from 'uuid';
import { z } from 'zod';
import type { Database, Queryable } from '#db/client.ts';
import { accessTokens } from '#db/schema/access-tokens.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { users } from '#db/schema/users.ts';
import type { Actor } from '#lib/platform/authorization/actor.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { mergeErasableDetails } from './erasable-details.ts';
import { buildFilterCondition } from './filter-condition.ts';
import { type NamedRow, readEntries } from './read-entries.ts';
import type { AuditEntry, AuditFilter, NamedToken, NamedUser } from './schema.ts';

/** Entries per page. */
export const PAGE_SIZE = 50;

export type AuditPage = {
  entries: AuditEntry[];
  /** The cursor to pass as `after` for older entries. Null if there are none. */
  older: string | null;
  /** The cursor to pass as `before` for newer entries. Null if there are none. */
  newer: string | null;
};

type Cursors = { after?: string | undefined; before?: string | undefined };

const toNamedUser = (id: string | null, name: string | null, email: string | null): NamedUser | null =>
  id === null ? null : { id, name, email };

function toEntry(row: NamedRow): AuditEntry {
  const { id, action, outcome, ipAddress, position, accountId, username } = row;
  return {
    id,
    at: new Date(row.at),
    action,
    outcome,
    by: toNamedUser(row.userId, row.byName, row.byEmail),
    accessToken: row.accessTokenId ? { id: row.accessTokenId, name: row.accessTokenName } : null,
    account: accountId === null ? null : { id: accountId, username },
    user: toNamedUser(row.targetUserId, row.targetName, row.targetEmail),
    ipAddress,
    details: mergeErasableDetails(row.details, row.erasableDetails),
    position,
    digest: row.digest?.toString('hex') ?? null,
  };
}

type Cursor = { at: string; id: string };

const encodeCursor = ({ at, id }: Cursor) => Buffer.from(`${at} ${id}`).toString('base64url');

/** Returns whether the time exists. `Date` reads 31 February as 3 March, but PostgreSQL rejects it. */
function isValidTime(at: string): boolean {
  const date = new Date(at);
  return (
    !at.startsWith('0000') && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(at.slice(0, 19))
  );
}

/** Decodes a cursor; undefined if it is missing or malformed. */
function decodeCursor(cursor: string | undefined): Cursor | undefined {
  const text = Buffer.from(cursor ?? '', 'base64url').toString();
  const [, at, id] = /^(\d{4,6}-\d\d-\d\dT[\d:.]{15}Z) ([0-9a-f-]{36})$/.exec(text) ?? [];
  if (!at || !id || !validate(id) || !isValidTime(at)) return undefined;
  return { at, id };
}

/** Builds the condition for entries before (`<`) or after (`>`) a cursor. */
const buildCursorCondition = ({ at, id }: Cursor, comparison: '<' | '>'): SQL =>
  sql`(${auditEvents.at}, ${auditEvents.id}) ${sql.raw(comparison)} (${at}::timestamptz, ${id}::uuid)`;

/** A cursor of `listAuditLog`, for callers that must not get the first page instead if it is malformed. */
export const auditCursorSchema = z
  .string()
  .max(200)
  .refine((text) => decodeCursor(text) !== undefined, {
    error: 'Send the nextCursor of the previous page.',
  });

/**
 * Lists a page of the audit log, newest first. Uses keyset pagination: every page costs the same, and no entry is
 * repeated if new ones are recorded meanwhile.
 */
export async function listAuditLog(
  database: Database,
  _actor: Actor<'audit:read'>,
  filter: AuditFilter,
  { after, before }: Cursors = {},
  size = PAGE_SIZE,
): Promise<AuditPage> {
  const isBackwards = before !== undefined;
  const cursor = decodeCursor(before ?? after);
  const condition = cursor && buildCursorCondition(cursor, isBackwards ? '>' : '<');
  const order = isBackwards
    ? [asc(auditEvents.at), asc(auditEvents.id)]
    : [desc(auditEvents.at), desc(auditEvents.id)];
  const rows = await readEntries(database, [await buildFilterCondition(database, filter), condition], {
    order,
    limit: size + 1,
  });
  const hasMore = rows.length > size;
  const page = rows.slice(0, size);
  if (isBackwards) page.reverse();
  // If the retention deleted all entries of a page since its link was shown, the links to its neighbours start at the
  // cursor's time: after the first possible id or before the last one, so that they include the cursor's own entry.
  const [first, last] =
    page.length > 0 || !cursor
      ? [page.at(0), page.at(-1)]
      : [
          { at: cursor.at, id: NIL },
          { at: cursor.at, id: MAX },
        ];
  const hasOlder = isBackwards ? true : hasMore;
  const hasNewer = isBackwards ? hasMore : cursor !== undefined;
  return {
    entries: page.map(toEntry),
    older: hasOlder && last ? encodeCursor(last) : null,
    newer: hasNewer && first ? encodeCursor(first) : null,
  };
}

/** Reads an entry; returns null if it does not exist, because it was deleted after its retention period. */
export async function readAuditEntry(database: Queryable, id: string): Promise<AuditEntry | null> {
  const [row] = await readEntries(database, [eq(auditEvents.id, id)], { order: [], limit: 1 });
  return row ? toEntry(row) : null;
}

/** Lists users for the audit log's filter, sorted by name. At most 500. */
export async function listUsersForFilter(
  database: Database,
  _administrator: Administrator,
): Promise<NamedUser[]> {
  return database
    .select({ id: users.id, name: users.name, email: users.email })
    .from(users)
    .orderBy(users.name, users.email)
    .limit(500);
}

/** Lists access tokens for the audit log's filter, also revoked and expired ones, sorted by name. At most 500. */
export async function listTokensForFilter(
  database: Database,
  _administrator: Administrator,
): Promise<NamedToken[]> {
  return database
    .select({ id: accessTokens.id, name: accessTokens.name })
    .from(accessTokens)
    .orderBy(accessTokens.name, accessTokens.id)
    .limit(500);
}
