import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { apiKey } from '@better-auth/api-key';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import pg from 'pg';

// Serves Better Auth on PostgreSQL, set up as in its documentation (a Pool of `pg`, its own migration). Features that
// cost time and are not compared are off: rate limits, log and telemetry.

const CONCURRENCY = 20;

/** @param {string} databaseUrl */
function createAuth(databaseUrl) {
  return betterAuth({
    baseURL: 'http://127.0.0.1',
    secret: randomBytes(32).toString('base64'),
    database: new pg.Pool({ connectionString: databaseUrl }),
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    logger: { disabled: true },
    telemetry: { enabled: false },
    plugins: [apiKey({ rateLimit: { enabled: false } })],
  });
}

/** Creates keys with Better Auth's own API. @param {ReturnType<typeof createAuth>} auth @param {number} count */
async function createKeys(auth, count) {
  const body = { name: 'Company', email: 'it@company.example', password: randomBytes(16).toString('hex') };
  const { user } = await auth.api.signUpEmail({ body });
  const create = () => auth.api.createApiKey({ body: { userId: user.id, name: 'Company' } });
  const keys = [];
  while (keys.length < count) {
    const created = await Promise.all(
      Array.from({ length: Math.min(CONCURRENCY, count - keys.length) }, create),
    );
    keys.push(...created.map(({ key }) => key));
  }
  return keys;
}

/**
 * Checks that Better Auth accepts its keys and rejects others.
 * @param {ReturnType<typeof createAuth>} auth
 * @param {string[]} keys
 */
async function checkVerification(auth, keys) {
  const verify = (/** @type {string} */ key) => auth.api.verifyApiKey({ body: { key } });
  for (const key of keys.slice(0, 10)) {
    const right = await verify(key);
    const wrong = await verify(key.split('').reverse().join(''));
    if (!right.valid || right.key?.name !== 'Company' || wrong.valid)
      throw new Error('Better Auth does not verify');
  }
}

/** @param {ReturnType<typeof createAuth>} auth @returns {Promise<number>} the port */
async function listen(auth) {
  const server = createServer(async (request, response) => {
    const { valid, key } = await auth.api.verifyApiKey({
      body: { key: String(request.headers['x-api-key']) },
    });
    const result = valid ? { account: { id: key?.id, username: key?.name } } : { code: 'invalid_key' };
    const body = Buffer.from(JSON.stringify(result));
    const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
    response.writeHead(valid ? 200 : 401, headers).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}

/** @type {{ databaseUrl: string, keys: number, keysFile: string }} */
const options = JSON.parse(process.argv[2] ?? '');
process.on('disconnect', () => process.exit());
const auth = createAuth(options.databaseUrl);
const { runMigrations } = await getMigrations(auth.options);
await runMigrations();
const keys = await createKeys(auth, options.keys);
await checkVerification(auth, keys);
await writeFile(options.keysFile, `${keys.join('\n')}\n`);
process.send?.({ port: await listen(auth) });
