import { drizzle } from 'drizzle-orm/node-postgres';
import type { Database, Queryable } from './client.ts';

/**
 * Runs reads that belong together on one state of the database, however long they take and whatever others write
 * meanwhile.
 */
export async function readSnapshot<T>(
  database: Database,
  work: (snapshot: Queryable) => Promise<T>,
): Promise<T> {
  const client = await database.$client.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    return await work(drizzle(client));
  } finally {
    // Nothing was written: the end of the connection ends the transaction, in whatever state it is.
    client.release(true);
  }
}
