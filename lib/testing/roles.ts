import { randomBytes } from 'node:crypto';
import { type Connection, connectDatabase } from '#db/client.ts';
import { makeRole } from '#db/make-role.ts';
import type { TestDatabase } from '#db/test-database.ts';

/** Somebody who may sign in to a test's server and nothing else. `as` gives the URL of a database for them. */
export type TestRole = { name: string; as(url: string): string };

export async function testRole(url: string): Promise<TestRole> {
  const name = `role_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  await makeRole(url, name, password);
  const as = (of: string) => {
    const own = new URL(of);
    own.username = name;
    own.password = password;
    return own.href;
  };
  return { name, as };
}

/** An empty database that belongs to an ordinary role, in place of the test's own. */
export async function ownedDatabase(
  test: TestDatabase,
): Promise<{ url: string; connection: Connection; drop(): Promise<void> }> {
  const role = await testRole(test.url);
  const name = `${role.name}_base`;
  await test.pool.query(`create database ${name} owner ${role.name}`);
  const url = new URL(role.as(test.url));
  url.pathname = `/${name}`;
  const connection = connectDatabase(url.href);
  const drop = async () => {
    await connection.close();
    await test.pool.query(`drop database ${name} with (force)`);
    await test.pool.query(`drop role ${role.name}`);
  };
  return { url: url.href, connection, drop };
}

/** Throws away a role and what it was granted in the test's own database. */
export async function dropRole(test: TestDatabase, { name }: TestRole): Promise<void> {
  await test.pool.query(`drop owned by ${name}`);
  await test.pool.query(`drop role ${name}`);
}
