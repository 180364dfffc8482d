import { and, eq, gte, ilike, inArray, isNull, like, lt, or, type SQL, sql } from 'drizzle-orm';
import { validate } from 'uuid';
import type { Queryable } from '#db/client.ts';
import { accessTokens } from '#db/schema/access-tokens.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { deletedApiAccounts } from '#db/schema/deleted-api-accounts.ts';
import { users } from '#db/schema/users.ts';
import { parseIpAddress } from '#lib/platform/http/ip-address.ts';
import { buildContainsPattern, escapeLike } from '#lib/platform/user-input/like-pattern.ts';
import { foldUsernameSearch } from '#lib/platform/user-input/name.ts';
import type { AuditFilter } from './schema.ts';

/** The number of accounts, of users and of access tokens that a search by name may match. Further matches are ignored. */
const MAX_MATCHES = 500;

/** The beginning of an IP address. IP addresses have no index, so only such a search scans the log for them. */
const IP_ADDRESS_PREFIX = /^[\d.]+$|^[\da-f:]*:[\da-f:.]*$/i;

/** Finds accounts by their username, also deleted ones, or by their email address. */
async function findAccounts(database: Queryable, search: string, includeEmail: boolean): Promise<string[]> {
  const folded = foldUsernameSearch(search);
  const conditions = folded.flatMap((part) => [
    ilike(apiAccounts.usernameFolded, buildContainsPattern(part)),
    includeEmail ? ilike(apiAccounts.email, buildContainsPattern(part)) : undefined,
  ]);
  const rows = await database
    .select({ id: apiAccounts.id })
    .from(apiAccounts)
    .where(or(...conditions))
    .unionAll(
      database
        .select({ id: deletedApiAccounts.id })
        .from(deletedApiAccounts)
        .where(
          or(...folded.map((part) => ilike(deletedApiAccounts.usernameFolded, buildContainsPattern(part)))),
        ),
    )
    .limit(MAX_MATCHES);
  return rows.map(({ id }) => id);
}

async function findUsers(database: Queryable, search: string): Promise<string[]> {
  const contains = `%${escapeLike(search)}%`;
  const rows = await database
    .select({ id: users.id })
    .from(users)
    .where(or(ilike(users.name, contains), ilike(users.email, contains)))
    .limit(MAX_MATCHES);
  return rows.map(({ id }) => id);
}

async function findTokens(database: Queryable, search: string): Promise<string[]> {
  const rows = await database
    .select({ id: accessTokens.id })
    .from(accessTokens)
    .where(ilike(accessTokens.name, `%${escapeLike(search)}%`))
    .limit(MAX_MATCHES);
  return rows.map(({ id }) => id);
}

/** Matches IP addresses that begin with the text, or equal it in another form. */
function buildIpAddressCondition(search: string): SQL | undefined {
  const address = parseIpAddress(search);
  return or(
    // Older entries have IPv4 addresses as a socket for both protocols reports them.
    address ? inArray(auditEvents.ipAddress, [address, `::ffff:${address}`]) : undefined,
    IP_ADDRESS_PREFIX.test(search)
      ? like(auditEvents.ipAddress, `${escapeLike(search.toLowerCase())}%`)
      : undefined,
  );
}

/**
 * Matches entries whose account, user or access token has a name or email address with the text, or whose IP address begins
 * with it.
 */
async function buildSearchCondition(database: Queryable, search: string): Promise<SQL | undefined> {
  if (!search) return undefined;
  const [accountIds, userIds, tokenIds] = await Promise.all([
    findAccounts(database, search, true),
    findUsers(database, search),
    findTokens(database, search),
  ]);
  return or(
    inArray(auditEvents.accountId, accountIds),
    inArray(auditEvents.userId, userIds),
    inArray(auditEvents.targetUserId, userIds),
    inArray(auditEvents.accessTokenId, tokenIds),
    buildIpAddressCondition(search),
  );
}

async function buildAccountCondition(database: Queryable, account: string): Promise<SQL | undefined> {
  if (!account) return undefined;
  if (validate(account)) return eq(auditEvents.accountId, account);
  return inArray(auditEvents.accountId, await findAccounts(database, account, false));
}

function buildFieldConditions({ by, user, action, outcome }: AuditFilter): (SQL | undefined)[] {
  return [
    by === 'none' ? and(isNull(auditEvents.userId), isNull(auditEvents.accessTokenId)) : undefined,
    by && by !== 'none' ? or(eq(auditEvents.userId, by), eq(auditEvents.accessTokenId, by)) : undefined,
    user ? eq(auditEvents.targetUserId, user) : undefined,
    action ? eq(auditEvents.action, action) : undefined,
    outcome === '' ? undefined : eq(auditEvents.outcome, outcome),
  ];
}

/** Matches whole days in UTC, regardless of the session's time zone. */
function buildDateConditions({ from, to }: AuditFilter): (SQL | undefined)[] {
  return [
    from ? gte(auditEvents.at, sql`(${from}::timestamp at time zone 'UTC')`) : undefined,
    to ? lt(auditEvents.at, sql`((${to}::timestamp + interval '1 day') at time zone 'UTC')`) : undefined,
  ];
}

/**
 * Builds the SQL condition for a filter; undefined matches everything.
 * Resolves names to ids first, because the log's indexes contain ids.
 */
export async function buildFilterCondition(
  database: Queryable,
  filter: AuditFilter,
): Promise<SQL | undefined> {
  const [search, account] = await Promise.all([
    buildSearchCondition(database, filter.search),
    buildAccountCondition(database, filter.account),
  ]);
  return and(search, account, ...buildFieldConditions(filter), ...buildDateConditions(filter));
}
