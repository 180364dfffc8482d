import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';

const ROUNDS = 4096;

/** A password as PostgreSQL keeps it (RFC 5803), so that the password itself is in no statement and in no log. */
function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, ROUNDS, 32, 'sha256');
  const mac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(mac('Client Key')).digest('base64');
  const serverKey = mac('Server Key').toString('base64');
  return `SCRAM-SHA-256$${ROUNDS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/**
 * Makes a role that may sign in and nothing else, or gives the one of that name this password.
 * @param ownerUrl of a superuser, or of someone with CREATEROLE
 * @param password of ASCII letters, digits, `-` and `_`
 */
export async function makeRole(ownerUrl: string, name: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [name]);
    const role = pg.escapeIdentifier(name);
    if (rowCount === 0) await client.query(`create role ${role} login`);
    const verifier = pg.escapeLiteral(scramVerifier(password));
    await client.query(`alter role ${role} nosuperuser nocreatedb nocreaterole login password ${verifier}`);
  } finally {
    await client.end();
  }
}
