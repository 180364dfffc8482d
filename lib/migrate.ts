import { migrate as migrateDatabase } from '#db/migrate.ts';
import { QUEUE_OPTIONS } from './queue/tasks.ts';

/** Brings the database at this URL to the newest schema, queues included. May be run at any time. */
export async function migrate(databaseUrl: string): Promise<void> {
  await migrateDatabase(databaseUrl, QUEUE_OPTIONS);
}
