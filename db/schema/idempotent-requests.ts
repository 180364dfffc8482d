import { index, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core';
import { bytes, timestamptz } from './columns.ts';

/**
 * Requests to the management API with an `Idempotency-Key`, so that a repeated one gets the response of the first. Kept for
 * 24 hours. Contains nothing of a request or a response in clear: they contain contact details.
 */
export const idempotentRequests = pgTable(
  'idempotent_requests',
  {
    accessTokenId: uuid('access_token_id').notNull(),
    /** A MAC of the key. */
    keyDigest: bytes('key_digest').notNull(),
    /** A MAC of the method, the path and the body. */
    requestDigest: bytes('request_digest').notNull(),
    /** Status, headers and body, encrypted with a key that is derived from the access token, which is not stored. */
    response: bytes('response').notNull(),
    createdAt: timestamptz('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.accessTokenId, table.keyDigest] }),
    index('idempotent_requests_created').on(table.createdAt),
  ],
);
