import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '#db/client-config.ts';
import { explainConnectionError } from '#db/connection-problems.ts';
import { parseDatabaseUrl } from '#db/database-url.ts';
import { findFreePort } from '#db/processes.ts';
import { pgBouncer, startPgBouncer } from '#lib/testing/pgbouncer.ts';
import { startTlsPostgres } from '#lib/testing/tls-postgres.ts';
import { Connection } from './connection.ts';

let folder: string;
let server: Awaited<ReturnType<typeof startTlsPostgres>>;
let plainPort: number;
let bouncer: Awaited<ReturnType<typeof startPgBouncer>> | undefined;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-tls-'));
  server = await startTlsPostgres(folder);
  plainPort = await findFreePort();
  const client = createClient(server.postgres.url);
  await client.connect();
  for (const statement of [
    'create database tls_only',
    'create database certificates',
    "create role limited login connection limit 0 password 'hunter22'",
    'create database closed',
    'revoke connect on database closed from public',
    "create role stranger login password 'hunter22'",
  ])
    await client.query(statement);
  await client.end();
  if (!pgBouncer) return;
  const { server: cert = '', serverKey: key = '' } = server.files;
  const tls = { client_tls_sslmode: 'require', client_tls_cert_file: cert, client_tls_key_file: key };
  bouncer = await startPgBouncer(path.join(folder, 'bouncer'), server.postgres.url, tls);
});
afterAll(async () => {
  await bouncer?.stop();
  await server.postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

const SQL = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';

async function connectWithPg(url: string): Promise<boolean> {
  const client = createClient(url);
  try {
    await client.connect();
    return (await client.query(SQL)).rows[0].ssl;
  } finally {
    await client.end().catch(() => {});
  }
}

async function connectWithPostgres(url: string): Promise<boolean> {
  let hasTls = false;
  const connection = await Connection.open(parseDatabaseUrl(url), {}, async ({ sql }) => {
    hasTls = (await sql.unsafe(SQL))[0]?.ssl;
  });
  connection.abandon();
  return hasTls;
}

/** Connects, and returns `TLS`, `no TLS`, or why that failed. */
async function tryToConnect(connect: (url: string) => Promise<boolean>, url: string): Promise<string> {
  try {
    return (await connect(url)) ? 'TLS' : 'no TLS';
  } catch (error) {
    return explainConnectionError(error, parseDatabaseUrl(url), 'DATABASE_URL');
  }
}

/** `parameters` may contain the name of a file in braces. */
type Case = { parameters?: string; host?: string; user?: string; database?: string; port?: () => number };

function buildUrl({ parameters = '', host = 'localhost', user, database = 'stagedoor', port }: Case): string {
  const url = new URL(server.postgres.url);
  const credentials = user ?? `${url.username}:${url.password}`;
  const withFiles = parameters.replaceAll(/\{(\w+)\}/g, (_, name) => server.files[name] ?? '');
  return `postgresql://${credentials}@${host}:${port?.() ?? url.port}/${database}?${withFiles}`;
}

async function expectBoth(url: string, expected: string): Promise<void> {
  for (const connect of [connectWithPg, connectWithPostgres]) {
    const result = await tryToConnect(connect, url);
    expect(result, connect.name).toContain(expected);
    expect(result).not.toContain('hunter22');
  }
}

describe('both drivers', () => {
  const COMPATIBLE = 'uselibpqcompat=true';
  const CA = 'sslrootcert={ca}';
  const IP = { host: '127.0.0.1' };
  it.each<[string, Case]>([
    ['no TLS', {}],
    ['no TLS', { parameters: 'sslmode=disable' }],
    ['TLS', { parameters: `sslmode=verify-full&${CA}` }],
    ['TLS', { parameters: `sslmode=require&${CA}` }],
    ['TLS', { parameters: CA }],
    ['TLS', { parameters: `sslmode=verify-full&${CA}&ssl_min_protocol_version=TLSv1.2` }],
    ['TLS', { parameters: `sslmode=verify-full&${CA}&sslnegotiation=direct` }],
    ['TLS', { parameters: `sslmode=require&${COMPATIBLE}` }],
    ['TLS', { parameters: `sslmode=require&${COMPATIBLE}`, ...IP }],
    ['TLS', { parameters: `sslmode=prefer&${COMPATIBLE}` }],
    ['TLS', { parameters: 'sslmode=no-verify' }],
    ['TLS', { parameters: `sslmode=verify-ca&${CA}`, ...IP }],
    ['TLS', { parameters: `sslmode=require&${CA}&${COMPATIBLE}`, ...IP }],
    ['TLS', { parameters: `${CA}&sslcert={client}&sslkey={clientKey}`, database: 'certificates' }],
    ['TLS', { parameters: `sslmode=verify-full&${CA}`, database: 'tls_only' }],
    ['add sslrootcert=/path/to/ca.pem to DATABASE_URL', { parameters: 'sslmode=require' }],
    ['add sslrootcert=/path/to/ca.pem to DATABASE_URL', { parameters: 'ssl=true' }],
    ['add sslrootcert=/path/to/ca.pem to DATABASE_URL', { parameters: 'sslmode=verify-full' }],
    ["isn't from the authority in", { parameters: 'sslmode=verify-full&sslrootcert={other}' }],
    ["isn't from the authority in", { parameters: 'sslmode=verify-ca&sslrootcert={other}' }],
    [
      'not for 127.0.0.1. Use a name from the certificate',
      { parameters: `sslmode=verify-full&${CA}`, ...IP },
    ],
    ['contain a certificate in PEM format', { parameters: 'sslmode=verify-full&sslrootcert={text}' }],
    ["which can't be read (ENOENT)", { parameters: 'sslrootcert=/missing/ca.pem' }],
    ['Check the PEM files', { parameters: `${CA}&sslcert={client}&sslkey={text}` }],
    ['accepts only connections with TLS', { database: 'tls_only' }],
    ['Set sslcert and sslkey', { parameters: CA, database: 'certificates' }],
    ['accept the user stagedoor with this password', { user: 'stagedoor:hunter22' }],
    ['accept the user stagedoor with no password', { user: 'stagedoor' }],
    ['accept the user unknown_user', { user: 'unknown_user:hunter22' }],
    ['there is no database missing', { database: 'missing' }],
    ['has no free connection', { user: 'limited:hunter22' }],
    ['grant connect on database closed to stranger', { user: 'stranger:hunter22', database: 'closed' }],
    ['Check host and port in DATABASE_URL', { port: () => plainPort }],
    ["can't be resolved", { host: 'database.invalid' }],
    ["the Unix socket /missing/.s.PGSQL.5432 can't be used", { parameters: 'host=/missing&port=5432' }],
  ])('get: %s, for %o', async (expected, options) => {
    await expectBoth(buildUrl(options), expected);
  });

  it.skipIf(!pgBouncer).each<[string, string]>([
    ['sslmode=verify-full&sslrootcert={ca}', 'no TLS'],
    ['sslmode=require&uselibpqcompat=true', 'no TLS'],
    ['sslmode=require', 'add sslrootcert'],
    ['', 'accepts only connections with TLS'],
  ])('connect to PgBouncer with %j: %s (from PgBouncer to PostgreSQL)', async (parameters, expected) => {
    const port = () => Number(new URL(bouncer?.url ?? '').port);
    await expectBoth(buildUrl({ parameters, port }), expected);
  });
});
