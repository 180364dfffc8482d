import { drizzle } from 'drizzle-orm/node-postgres';
import type { Database, Queryable } from './client.ts';

/** Runs several reads on one snapshot of the database, so that concurrent writes cannot make them inconsistent. */
export async function readSnapshot<T>(
  database: Database,
  read: (snapshot: Queryable) => Promise<T>,
): Promise<T> {
  const client = await database.$client.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    return await read(drizzle(client));
  } finally {
    // Close the connection, which ends the transaction. Nothing was written, so no rollback is needed.
    client.release(true);
  }
}
