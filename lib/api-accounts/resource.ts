import { and, asc, eq, gt, inArray, isNotNull, isNull, not, or, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database, Queryable } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import type { AccessTokenActor } from '#lib/platform/authorization/actor.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import { problemRows } from './delivery-problems.ts';
import { buildSearchCondition } from './select-accounts.ts';
import { deriveStatus } from './status.ts';
import { isAccountExpired, isRevealExpired, isRevealLocked } from './summary.ts';

/** Status of an account, as programs see it. It says whether the organisation has to act, as the labels of the pages do. */
export const RESOURCE_STATUSES = [
  'awaiting_collection',
  'active',
  'inactive',
  'expired',
  'locked',
  'delivery_failed',
] as const;
export type ResourceStatus = (typeof RESOURCE_STATUSES)[number];

const time = z.iso.datetime();

/** An account, as the management API and webhooks describe it. Contains no key and no digest. */
export const accountSchema = z
  .strictObject({
    id: z.uuid(),
    username: z.string(),
    email: z.string(),
    phone: z.string().meta({ description: 'In E.164.' }),
    status: z.enum(RESOURCE_STATUSES).meta({
      description:
        'delivery_failed: the link has expired, or the email or the text was not delivered or not sent. locked: too many wrong codes. Reset the key in both cases.',
    }),
    active: z.boolean(),
    requestsPerMinute: z
      .int()
      .nullable()
      .meta({ description: 'null: the default of the organisation, or no limit.' }),
    scopes: z.array(z.string()).nullable().meta({ description: 'null: full access.' }),
    allowedNetworks: z
      .array(z.string())
      .nullable()
      .meta({ description: 'IP addresses and CIDR ranges. null: from anywhere.' }),
    expiresAt: time.nullable().meta({ description: 'null: the account does not expire.' }),
    notes: z.string(),
    lastUsedAt: time.nullable().meta({ description: 'The last request with a key that was allowed.' }),
    createdAt: time,
    updatedAt: time.meta({ description: 'The last edit. A reset and a use are no edits.' }),
    version: z.int().meta({ description: 'Increases with each edit. Send it in quotes as If-Match.' }),
  })
  .meta({ id: 'Account', description: 'An API account.' });

export type AccountResource = z.infer<typeof accountSchema>;

/** Selects whether an open delivery cannot end well without help: its link has expired, or a message was not delivered. */
const isDeliveryFailed = sql<boolean>`(${isRevealExpired} or coalesce((
  select bool_or(problem ->> 'status' in ('failed', 'refused', 'bounced', 'undelivered'))
    from json_array_elements(${problemRows}) as problem), false))`;

const columns = {
  id: apiAccounts.id,
  username: apiAccounts.username,
  usernameFolded: apiAccounts.usernameFolded,
  email: apiAccounts.email,
  phone: apiAccounts.phone,
  active: apiAccounts.active,
  isExpired: isAccountExpired,
  hasKey: sql<boolean>`${apiAccounts.keyDigest} is not null`,
  isRevealLocked,
  isRevealExpired,
  isDeliveryFailed,
  requestsPerMinute: apiAccounts.requestsPerMinute,
  scopes: apiAccounts.scopes,
  allowedNetworks: apiAccounts.allowedNetworks,
  expiresAt: apiAccounts.expiresAt,
  notes: apiAccounts.notes,
  lastUsedAt: apiAccountUsage.lastUsedAt,
  createdAt: apiAccounts.createdAt,
  updatedAt: apiAccounts.updatedAt,
  version: apiAccounts.version,
};

const selectAccounts = (database: Queryable) =>
  database
    .select(columns)
    .from(apiAccounts)
    .leftJoin(apiAccountUsage, eq(apiAccountUsage.accountId, apiAccounts.id))
    .leftJoin(reveals, eq(reveals.id, apiAccounts.revealId))
    .$dynamic();

type AccountRow = Awaited<ReturnType<typeof selectAccounts>>[number];

function getResourceStatus(row: AccountRow): ResourceStatus {
  const status = deriveStatus(row);
  if (status === 'link_expired') return 'delivery_failed';
  return status === 'awaiting_collection' && row.isDeliveryFailed ? 'delivery_failed' : status;
}

const toResource = (row: AccountRow): AccountResource => ({
  id: row.id,
  username: row.username,
  email: row.email,
  phone: row.phone,
  status: getResourceStatus(row),
  active: row.active,
  requestsPerMinute: row.requestsPerMinute,
  scopes: row.scopes,
  allowedNetworks: row.allowedNetworks,
  expiresAt: row.expiresAt?.toISOString() ?? null,
  notes: row.notes,
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  version: row.version,
});

/** Reads an account; returns null if it does not exist. */
export async function readAccountResource(database: Queryable, id: string): Promise<AccountResource | null> {
  const [row] = await selectAccounts(database).where(eq(apiAccounts.id, id));
  return row ? toResource(row) : null;
}

/** Builds the condition for accounts with a status: the same as `getResourceStatus` decides. */
function buildStatusCondition(database: Queryable, status: ResourceStatus): SQL | undefined {
  const isWorking = and(sql`${apiAccounts.active}`, not(isAccountExpired));
  // The predicate of the index `reveals_unfinished`, so that few of many accounts are found quickly.
  const isUnfinished = or(isNull(reveals.endedAt), eq(reveals.endReason, sql`'locked'`));
  const unfinished = database.select({ id: reveals.accountId }).from(reveals).where(isUnfinished);
  const isWaiting = and(isWorking, isNull(apiAccounts.keyDigest), inArray(apiAccounts.id, unfinished));
  switch (status) {
    case 'inactive':
      return sql`not ${apiAccounts.active}`;
    case 'expired':
      return and(sql`${apiAccounts.active}`, isAccountExpired);
    case 'active':
      return and(isWorking, isNotNull(apiAccounts.keyDigest));
    case 'locked':
      return and(isWaiting, isRevealLocked);
    case 'delivery_failed':
      return and(isWaiting, not(isRevealLocked), isDeliveryFailed);
    case 'awaiting_collection':
      return and(isWaiting, not(isRevealLocked), not(isDeliveryFailed));
  }
}

/** Encodes where the next page begins. */
const encodeCursor = (usernameFolded: string) => Buffer.from(usernameFolded).toString('base64url');

/** A cursor of `listAccountResources`, parsed as the folded username after which the page begins. */
export const accountCursorSchema = z
  .string()
  .max(2_000)
  .transform((text, context) => {
    const usernameFolded = Buffer.from(text, 'base64url').toString();
    // PostgreSQL cannot store NUL.
    if (text && encodeCursor(usernameFolded) === text && !usernameFolded.includes('\0'))
      return usernameFolded;
    context.addIssue({ code: 'custom', message: 'Send the nextCursor of the previous page.' });
    return z.NEVER;
  });

type AccountListQuery = {
  /** Part of a username, a display name, an email address or a phone number. */
  search: string;
  status?: ResourceStatus | undefined;
  limit: number;
  /** The folded username after which the page begins. */
  cursor?: string | undefined;
};

/**
 * Lists a page of accounts in the order of their usernames, which never change: so each account that exists during the whole
 * listing is on exactly one page.
 */
export async function listAccountResources(
  database: Database,
  _actor: Viewer | AccessTokenActor<'accounts:read'>,
  { search, status, limit, cursor }: AccountListQuery,
): Promise<{ data: AccountResource[]; nextCursor: string | null }> {
  const rows = await selectAccounts(database)
    .where(
      and(
        buildSearchCondition(search),
        status && buildStatusCondition(database, status),
        cursor === undefined ? undefined : gt(apiAccounts.usernameFolded, cursor),
      ),
    )
    .orderBy(asc(apiAccounts.usernameFolded))
    .limit(limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map(toResource),
    nextCursor: rows.length > limit && last ? encodeCursor(last.usernameFolded) : null,
  };
}
