import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readDatabaseAddress } from './database-address.ts';

it.each([
  ['postgresql://u:p@db.example:6432/d', { host: ['db.example'], port: [6432], path: false, ssl: false }],
  ['postgres://u:p@db/d', { host: ['db'], port: [5432], username: 'u', password: 'p', database: 'd' }],
  ['postgresql://u%40x:p%2Fq%3A@db/d', { username: 'u@x', password: 'p/q:' }],
  ['postgresql://u@[::1]:5433/d', { host: ['::1'], port: [5433] }],
  ['postgresql://u@/d?host=/run/postgresql', { path: '/run/postgresql/.s.PGSQL.5432', database: 'd' }],
  ['postgresql:///d?host=/tmp&port=5433', { path: '/tmp/.s.PGSQL.5433', database: 'd' }],
  ['postgresql://u@db', { database: 'u' }],
  ['postgresql://u@db/d?sslmode=disable', { ssl: false }],
  ['postgresql://u@db/d?sslmode=require', { ssl: {} }],
  ['postgresql://u@db/d?sslmode=verify-full', { ssl: {} }],
  ['postgresql://u@db/d?sslmode=no-verify', { ssl: { rejectUnauthorized: false } }],
  ['postgresql://u@db/d?ssl=true', { ssl: true }],
])('readDatabaseAddress parses %s', (url, expected) => {
  expect(readDatabaseAddress(url)).toMatchObject(expected);
});

it('readDatabaseAddress reads the certificates from the files in the URL', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-address-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'ca.pem');
  await writeFile(file, 'certificate');
  const { ssl } = readDatabaseAddress(`postgresql://u@db/d?sslmode=verify-full&sslrootcert=${file}`);
  expect(ssl).toEqual({ ca: 'certificate' });
});
