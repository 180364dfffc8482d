import { randomBytes } from 'node:crypto';
import { type Connection, connectDatabase } from '#db/client.ts';
import { makeRole } from '#db/make-role.ts';
import type { TestDatabase } from '#db/test-database.ts';

/** A database role that can only log in. */
export type TestRole = { name: string; withCredentials(url: string): string };

/** Creates, on the server of the test's database, a role without privileges. */
export async function createTestRole(url: string): Promise<TestRole> {
  const name = `role_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  await makeRole(url, name, password);
  const withCredentials = (databaseUrl: string) => {
    const roleUrl = new URL(databaseUrl);
    roleUrl.username = name;
    roleUrl.password = password;
    return roleUrl.href;
  };
  return { name, withCredentials };
}

/** Creates an empty database that a role without further privileges owns, on the server of the test's database. */
export async function createOwnedDatabase(
  db: TestDatabase,
): Promise<{ url: string; connection: Connection; drop(): Promise<void> }> {
  const role = await createTestRole(db.url);
  const name = `${role.name}_base`;
  await db.pool.query(`create database ${name} owner ${role.name}`);
  const url = new URL(role.withCredentials(db.url));
  url.pathname = `/${name}`;
  const connection = connectDatabase(url.href);
  const drop = async () => {
    await connection.close();
    await db.pool.query(`drop database ${name} with (force)`);
    await db.pool.query(`drop role ${role.name}`);
  };
  return { url: url.href, connection, drop };
}

/** Drops a role, with its objects and privileges in the test's database. */
export async function dropRole(db: TestDatabase, { name }: TestRole): Promise<void> {
  await db.pool.query(`drop owned by ${name}`);
  await db.pool.query(`drop role ${name}`);
}
