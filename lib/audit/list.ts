import { asc, desc, type SQL, sql } from 'drizzle-orm';
import { validate } from 'uuid';
import type { Database } from '#db/client.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { users } from '#db/schema/users.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { matching } from './matching.ts';
import { type NamedRow, readEntries } from './read-entries.ts';
import type { AuditEntry, AuditFilter, NamedUser } from './schema.ts';

/** How many entries a page shows. */
export const PAGE_SIZE = 50;

export type AuditPage = {
  entries: AuditEntry[];
  /** What to pass as `after` for the older ones; null on the last page. */
  older: string | null;
  /** What to pass as `before` for the newer ones; null on the first page. */
  newer: string | null;
};

type Place = { after?: string | undefined; before?: string | undefined };

const named = (id: string | null, name: string | null, email: string | null): NamedUser | null =>
  id === null ? null : { id, name, email };

function entryOf(row: NamedRow): AuditEntry {
  const { id, act, outcome, address, details, position, accountId, username } = row;
  return {
    id,
    at: new Date(row.at),
    act,
    outcome,
    by: named(row.userId, row.byName, row.byEmail),
    account: accountId === null ? null : { id: accountId, username },
    user: named(row.targetUserId, row.targetName, row.targetEmail),
    address,
    details,
    position,
    digest: row.digest?.toString('hex') ?? null,
  };
}

const writeCursor = ({ at, id }: NamedRow) => Buffer.from(`${at} ${id}`).toString('base64url');

/** Whether there is such a day and time: `Date` takes a 31 February for 3 March, PostgreSQL takes it for none. */
function isMoment(at: string): boolean {
  const date = new Date(at);
  return (
    !at.startsWith('0000') && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(at.slice(0, 19))
  );
}

/** Before or after a place in the order of time; a malformed place is none. */
function beyond(cursor: string | undefined, comparison: '<' | '>'): SQL | undefined {
  const text = Buffer.from(cursor ?? '', 'base64url').toString();
  const [, at, id] = /^(\d{4,6}-\d\d-\d\dT[\d:.]{15}Z) ([0-9a-f-]{36})$/.exec(text) ?? [];
  if (!at || !id || !validate(id) || !isMoment(at)) return undefined;
  const place = sql`(${at}::timestamptz, ${id}::uuid)`;
  return sql`(${auditEvents.at}, ${auditEvents.id}) ${sql.raw(comparison)} ${place}`;
}

/**
 * A page of the audit log, the newest first, from after or before a place (keyset: the same cost on every page, and no
 * entry twice while others act).
 */
export async function listAuditLog(
  database: Database,
  _administrator: Administrator,
  filter: AuditFilter,
  { after, before }: Place = {},
  size = PAGE_SIZE,
): Promise<AuditPage> {
  const backwards = before !== undefined;
  const edge = backwards ? beyond(before, '>') : beyond(after, '<');
  const order = backwards
    ? [asc(auditEvents.at), asc(auditEvents.id)]
    : [desc(auditEvents.at), desc(auditEvents.id)];
  const rows = await readEntries(database, [await matching(database, filter), edge], {
    order,
    limit: size + 1,
  });
  const more = rows.length > size;
  const page = rows.slice(0, size);
  if (backwards) page.reverse();
  const [first, last] = [page.at(0), page.at(-1)];
  const hasOlder = backwards ? true : more;
  const hasNewer = backwards ? more : edge !== undefined;
  return {
    entries: page.map(entryOf),
    older: hasOlder && last ? writeCursor(last) : null,
    newer: hasNewer && first ? writeCursor(first) : null,
  };
}

/** Whom a filter may ask for: people by name, some hundreds of them. */
export async function listPeople(database: Database, _administrator: Administrator): Promise<NamedUser[]> {
  return database
    .select({ id: users.id, name: users.name, email: users.email })
    .from(users)
    .orderBy(users.name, users.email)
    .limit(500);
}
