import { eq, inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Queryable, Transaction } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { isAccountExpired, isRevealExpired, isRevealLocked } from './conditions.ts';
import { isKeyLeaked } from './leak.ts';
import { problemRows } from './problem-rows.ts';
import { deriveStatus } from './status.ts';

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
        'delivery_failed: the link has expired, or the email or the text was not delivered or not sent. locked: too many wrong codes, or the key was reported as leaked and revoked. Reset the key in both cases.',
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
export const isDeliveryFailed = sql<boolean>`(${isRevealExpired} or coalesce((
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
  isKeyLeaked,
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

export const selectAccountRows = (database: Queryable) =>
  database
    .select(columns)
    .from(apiAccounts)
    .leftJoin(apiAccountUsage, eq(apiAccountUsage.accountId, apiAccounts.id))
    .leftJoin(reveals, eq(reveals.id, apiAccounts.revealId))
    .$dynamic();

type AccountRow = Awaited<ReturnType<typeof selectAccountRows>>[number];

function getResourceStatus(row: AccountRow): ResourceStatus {
  const status = deriveStatus(row);
  if (status === 'link_expired') return 'delivery_failed';
  if (status === 'leaked') return 'locked';
  return status === 'awaiting_collection' && row.isDeliveryFailed ? 'delivery_failed' : status;
}

export const toResource = (row: AccountRow): AccountResource => ({
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
  const [row] = await selectAccountRows(database).where(eq(apiAccounts.id, id));
  return row ? toResource(row) : null;
}

/**
 * Reads accounts that were just changed, by id, and keeps them from being deleted until the transaction ends. Leaves out
 * those that do not exist.
 */
export async function lockAccountResources(
  transaction: Transaction,
  ids: string[],
): Promise<Map<string, AccountResource>> {
  const rows = await selectAccountRows(transaction)
    .where(inArray(apiAccounts.id, ids))
    .for('key share', { of: apiAccounts });
  return new Map(rows.map((row) => [row.id, toResource(row)]));
}
