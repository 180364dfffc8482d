import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';
import { createClient } from './client-config.ts';

const ITERATIONS = 4096;

/** Computes the SCRAM secret of a password (RFC 5803), so that no statement or log contains the password. */
function computeScramSecret(password: string): string {
  const salt = randomBytes(16);
  const saltedPassword = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const computeMac = (text: string) => createHmac('sha256', saltedPassword).update(text).digest();
  const storedKey = createHash('sha256').update(computeMac('Client Key')).digest('base64');
  const serverKey = computeMac('Server Key').toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/**
 * Creates a role that can only log in, or resets the password and the attributes of an existing one.
 * @param ownerUrl URL of a superuser: PostgreSQL lets no other role set NOSUPERUSER
 * @param password ASCII letters, digits, `-` and `_`
 */
export async function makeRole(ownerUrl: string, name: string, password: string): Promise<void> {
  const client = createClient(ownerUrl);
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [name]);
    const role = pg.escapeIdentifier(name);
    if (rowCount === 0) await client.query(`create role ${role} login`);
    const secret = pg.escapeLiteral(computeScramSecret(password));
    await client.query(`alter role ${role} nosuperuser nocreatedb nocreaterole login password ${secret}`);
  } finally {
    await client.end();
  }
}
