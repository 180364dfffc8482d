import { and, eq, gte, ilike, inArray, isNull, like, lt, or, type SQL, sql } from 'drizzle-orm';
import { validate } from 'uuid';
import type { Queryable } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { users } from '#db/schema/users.ts';
import type { AuditFilter } from './schema.ts';

/** So many accounts, and so many people, are searched for by a part of their name; further ones are left out. */
const MOST_NAMED = 500;

/** The beginning of an IP address. There is no index on those, so nothing else is looked for among them. */
const ADDRESS = /^[\d.]+$|^[\da-f:]*:[\da-f:.]*$/i;

const pattern = (words: string) => words.replaceAll('\0', '').replace(/[\\%_]/g, '\\$&');

async function accountsNamed(database: Queryable, words: string, alsoEmail: boolean): Promise<string[]> {
  const anywhere = `%${pattern(words.normalize('NFKC'))}%`;
  const inEmail = alsoEmail ? ilike(apiAccounts.email, anywhere) : undefined;
  const rows = await database
    .select({ id: apiAccounts.id })
    .from(apiAccounts)
    .where(or(ilike(apiAccounts.usernameFolded, anywhere), inEmail))
    .limit(MOST_NAMED);
  return rows.map(({ id }) => id);
}

async function peopleNamed(database: Queryable, words: string): Promise<string[]> {
  const anywhere = `%${pattern(words)}%`;
  const rows = await database
    .select({ id: users.id })
    .from(users)
    .where(or(ilike(users.name, anywhere), ilike(users.email, anywhere)))
    .limit(MOST_NAMED);
  return rows.map(({ id }) => id);
}

/** Entries that have to do with whoever or whatever is named so, or that came from such an address. */
async function found(database: Queryable, search: string): Promise<SQL | undefined> {
  if (!search) return undefined;
  const [accounts, people] = await Promise.all([
    accountsNamed(database, search, true),
    peopleNamed(database, search),
  ]);
  return or(
    inArray(auditEvents.accountId, accounts),
    inArray(auditEvents.userId, people),
    inArray(auditEvents.targetUserId, people),
    ADDRESS.test(search) ? like(auditEvents.address, `${pattern(search)}%`) : undefined,
  );
}

async function ofAccount(database: Queryable, account: string): Promise<SQL | undefined> {
  if (!account) return undefined;
  if (validate(account)) return eq(auditEvents.accountId, account);
  return inArray(auditEvents.accountId, await accountsNamed(database, account, false));
}

function done({ by, user, act, outcome }: AuditFilter): (SQL | undefined)[] {
  return [
    by === 'nobody' ? isNull(auditEvents.userId) : undefined,
    by && by !== 'nobody' ? eq(auditEvents.userId, by) : undefined,
    user ? eq(auditEvents.targetUserId, user) : undefined,
    act ? eq(auditEvents.act, act) : undefined,
    outcome === '' ? undefined : eq(auditEvents.outcome, outcome),
  ];
}

/** Whole days in UTC, whatever zone the session is in. */
function between({ from, to }: AuditFilter): (SQL | undefined)[] {
  return [
    from ? gte(auditEvents.at, sql`(${from}::timestamp at time zone 'UTC')`) : undefined,
    to ? lt(auditEvents.at, sql`((${to}::timestamp + interval '1 day') at time zone 'UTC')`) : undefined,
  ];
}

/**
 * The condition for the entries that a filter wants; undefined: all of them. Names are looked up first, so that the
 * log itself is searched by ids, which its indexes hold.
 */
export async function matching(database: Queryable, filter: AuditFilter): Promise<SQL | undefined> {
  const [search, account] = await Promise.all([
    found(database, filter.search),
    ofAccount(database, filter.account),
  ]);
  return and(search, account, ...done(filter), ...between(filter));
}
