import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createClientConfig } from './client-config.ts';
import { findDatabaseUrlProblem, parseDatabaseUrl, readTlsOptions } from './database-url.ts';

describe('parseDatabaseUrl', () => {
  it.each([
    ['postgresql://u:p@db.example:6432/d', { host: 'db.example', port: 6432, tls: null }],
    ['postgres://u:p@db/d', { host: 'db', port: 5432, user: 'u', password: 'p', database: 'd' }],
    [' postgresql://u@db/d\n', { host: 'db', database: 'd' }],
    ['postgresql://u%40x:p%2Fq%3A@db/d%2Fe', { user: 'u@x', password: 'p/q:', database: 'd/e' }],
    ['postgresql://u:100%sure@db/d', { password: '100%sure' }],
    ['postgresql://u:a@b@db/d', { password: 'a@b', host: 'db' }],
    ['postgresql://u:%C3%A9+1@db/d', { password: 'é+1' }],
    ['postgresql://u@[::1]:5433/d', { host: '::1', port: 5433 }],
    ['postgresql://u@/d?host=/run/postgresql', { host: '/run/postgresql', port: 5432, database: 'd' }],
    ['postgresql:///d?host=/tmp&port=5433', { host: '/tmp', port: 5433, user: userInfo().username }],
    ['postgresql://u@%2Frun%2Fpostgresql/d', { host: '/run/postgresql' }],
    ['postgresql://db/d?user=u&password=a%26b&dbname=e', { user: 'u', password: 'a&b', database: 'e' }],
    ['postgresql://u@db', { database: 'u' }],
    ['postgresql://u@db/d?application_name=prod%201', { applicationName: 'prod 1' }],
    ['postgresql://u@db/d?options=endpoint%3Dx', { options: 'endpoint=x' }],
    ['postgresql://u@db/d?pgbouncer=true&connection_limit=1&channel_binding=require', { tls: null }],
    ['postgresql://u@/d?host=/tmp&sslmode=require', { tls: null }],
    ['postgresql://u:@db/d', { user: 'u', password: '' }],
    ['postgresql://u:p@:5433/d', { host: 'localhost', port: 5433, user: 'u', password: 'p' }],
    ['postgresql://u:12@db/d', { host: 'db', user: 'u', password: '12' }],
    ['postgresql://:12@db/d', { host: 'db', password: '12' }],
    ['postgresql://u@db/d?host=fe80::1%25eth0&port=5433', { host: 'fe80::1%eth0', port: 5433 }],
    [
      'postgresql://u@db/d?options=-c%20work_mem%3D8MB%20-c%20jit%3Doff',
      { options: '-c work_mem=8MB -c jit=off' },
    ],
    [
      'postgresql://u@db/d?target_session_attrs=read-write&connect_timeout=10&gssencmode=disable',
      { tls: null },
    ],
  ])('parses %s', (url, expected) => {
    expect(parseDatabaseUrl(url)).toMatchObject(expected);
  });

  it.each([
    ['', null],
    ['sslmode=disable', null],
    ['ssl=false', null],
    ['ssl=true', 'full'],
    ['ssl=1', 'full'],
    ['sslrootcert=ca.pem', 'full'],
    ['sslmode=prefer', 'full'],
    ['sslmode=require', 'full'],
    ['sslmode=require&uselibpqcompat=true', 'none'],
    ['sslmode=prefer&uselibpqcompat=true', 'none'],
    ['sslmode=require&uselibpqcompat=true&sslrootcert=ca.pem', 'authority'],
    ['sslmode=verify-ca&sslrootcert=ca.pem', 'authority'],
    ['sslmode=verify-full', 'full'],
    ['sslmode=verify-full&uselibpqcompat=true', 'full'],
    ['sslmode=verify-full&sslrootcert=system', 'full'],
    ['sslmode=no-verify', 'none'],
    ['sslmode=disable&sslmode=require', 'full'],
    ['sslmode=require&channel_binding=require', 'full'],
    ['ssl=false&sslmode=require', 'full'],
  ])('with %j, verifies: %s', (parameters, verification) => {
    const { tls } = parseDatabaseUrl(`postgresql://u@db/d?${parameters}`);
    expect(tls?.verification ?? null).toBe(verification);
  });

  it.each([
    [
      'Amazon RDS',
      'postgres://u:p@d.c1.eu-west-2.rds.amazonaws.com:5432/d?sslmode=verify-full&sslrootcert=/etc/global-bundle.pem',
      {
        host: 'd.c1.eu-west-2.rds.amazonaws.com',
        tls: { verification: 'full', files: { ca: '/etc/global-bundle.pem' } },
      },
    ],
    [
      'Azure',
      'postgres://u%40server:p@server.postgres.database.azure.com:5432/postgres?sslmode=require',
      { user: 'u@server', tls: { verification: 'full' } },
    ],
    [
      'DigitalOcean',
      'postgresql://doadmin:AVNS_p@db-do-user-1-0.c.db.ondigitalocean.com:25060/defaultdb?sslmode=require',
      { port: 25_060, tls: { verification: 'full' } },
    ],
    [
      'Google Cloud SQL, by a Unix socket',
      'postgresql://u:p@/d?host=/cloudsql/project:europe-west2:instance',
      { host: '/cloudsql/project:europe-west2:instance', database: 'd', tls: null },
    ],
    ['Heroku', 'postgres://u:p@ec2-1.compute-1.amazonaws.com:5432/d', { port: 5432, tls: null }],
    [
      'Neon',
      'postgresql://d_owner:npg_p@ep-a-b-1-pooler.eu-central-1.aws.neon.tech/d?sslmode=require&channel_binding=require',
      { user: 'd_owner', tls: { verification: 'full' } },
    ],
    [
      'Supabase',
      'postgresql://postgres.abc:p@aws-0-eu-west-2.pooler.supabase.com:6543/postgres?pgbouncer=true',
      { user: 'postgres.abc', port: 6543, database: 'postgres' },
    ],
  ])('parses the URL that %s shows', (_, url, expected) => {
    expect(parseDatabaseUrl(url)).toMatchObject(expected);
  });

  it.each([
    ['mysql://u@db/d', 'must start with postgresql://'],
    ['jdbc:postgresql://db/d', 'must start with postgresql://'],
    ['postgresql+psycopg://u@db/d', 'must start with postgresql://'],
    ['"postgresql://u@db/d"', 'must start with postgresql://'],
    ['postgresql://u@one,two/d', 'names several hosts'],
    ['postgresql://u@one:5432,two:5432/d', 'names several hosts'],
    ['postgresql://u@/d?host=one,two', 'names several hosts'],
    ['postgresql://u:12#hunter22@db/d', 'percent-encode'],
    ['postgresql://u:12/hunter22@db/d', 'percent-encode'],
    ['postgresql://u:12?hunter22@db/d', 'percent-encode'],
    ['postgresql://u:hunter22#@db/d', 'percent-encode'],
    ['postgresql://u:12/a=hunter22@db', 'percent-encode'],
    ['postgresql://u:12?sslmode=hunter22@db/d', 'percent-encode'],
    ['postgresql://u:12?a&sslhunter22@db/d', 'percent-encode'],
    ['postgresql://u:12?ssl_min_protocol_version=hunter22@db/d', 'percent-encode'],
    ['postgresql://u:hunter22%ff@db/d', 'percent-encode'],
    ['postgresql://u@db/d/e', 'must name one database'],
    ['postgresql://u@db/d?port=many', 'must have a port'],
    ['postgresql://u@db:0/d', 'must have a port'],
    ['postgresql://u@db/d?sslmode=allow', 'has sslmode=allow'],
    ['postgresql://u@db/d?sslmode=verify-ca', 'needs sslrootcert'],
    [
      'postgresql://u@db/d?sslmode=require&uselibpqcompat=true&sslrootcert=system',
      'needs sslmode=verify-full',
    ],
    ['postgresql://u@db/d?sslmode=verify-full&sslcert=c.pem', 'needs both sslcert and sslkey'],
    ['postgresql://u@db/d?sslMode=require', 'has the parameter sslMode'],
    ['postgresql://u@db/d?sslmode=', 'has the parameter sslmode without a value'],
    ['postgresql://u@db/d?sslmode', 'has the parameter sslmode without a value'],
    ['postgresql://u@db/d?sslmode=verify-full&sslrootcert=', 'has the parameter sslrootcert without a value'],
    ['postgresql://u@db/d?requiressl=1', 'has the parameter requiressl'],
    ['postgresql://u@db/d?sslcrl=crl.pem', 'has the parameter sslcrl'],
    ['postgresql://u@db/d?sslmode=require&ssl_min_protocol_version=TLS1.3', 'has ssl_min_protocol_version'],
  ])('rejects %s without showing the password', (url, message) => {
    const problem = findDatabaseUrlProblem(url);
    expect(problem).toContain(message);
    expect(problem).not.toContain('hunter22');
  });
});

describe('readTlsOptions', () => {
  it('reads the certificates from the files in the URL', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-address-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = path.join(folder, 'ca+1.pem');
    await writeFile(file, '-----BEGIN CERTIFICATE-----');
    const address = parseDatabaseUrl(`postgresql://u@db/d?sslmode=verify-full&sslrootcert=${file}`);
    const options = { host: 'db', servername: 'db', rejectUnauthorized: true };
    expect(readTlsOptions(address)).toMatchObject({ ...options, secureContext: expect.anything() });
  });

  it.each(['', ' \n', 'a page that says: 404 Not Found'])(
    'rejects the content %j as sslrootcert, instead of trusting public authorities',
    async (content) => {
      const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-address-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const file = path.join(folder, 'ca.pem');
      await writeFile(file, content);
      const address = parseDatabaseUrl(`postgresql://u@db/d?sslmode=verify-ca&sslrootcert=${file}`);
      expect(() => readTlsOptions(address)).toThrow(
        `names the file ${file}, which doesn't contain a certificate in PEM format`,
      );
    },
  );

  it('names a file that is missing', () => {
    const address = parseDatabaseUrl('postgresql://u@db/d?sslrootcert=/missing/ca.pem');
    expect(() => readTlsOptions(address)).toThrow(
      "names the file /missing/ca.pem, which can't be read (ENOENT)",
    );
  });
});

describe('createClientConfig', () => {
  it('removes PG* variables, which each driver would apply differently', () => {
    for (const name of ['PGOPTIONS', 'PGPASSWORD', 'PGSSLMODE', 'PGHOST']) vi.stubEnv(name, 'x');
    createClientConfig('postgresql://u@db/d');
    expect(Object.keys(process.env).filter((name) => name.startsWith('PG'))).toEqual([]);
  });

  it('uses the application name of the URL', () => {
    const read = (url: string) => createClientConfig(url, 'stagedoor worker').application_name;
    expect(read('postgresql://u@db/d')).toBe('stagedoor worker');
    expect(read('postgresql://u@db/d?application_name=mine')).toBe('mine');
  });
});
