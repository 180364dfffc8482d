import { readFileSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';

/** Where the database is, and who we are there: what the driver is told. */
export type DatabaseAddress = {
  host: string[];
  port: number[];
  /** A Unix socket, in place of host and port. */
  path: string | false;
  username: string;
  password: string;
  database: string;
  ssl: boolean | TlsOptions;
};

const ENCRYPTED = /^(prefer|require|verify-ca|verify-full|no-verify)$/;

function readTls(parameters: URLSearchParams): boolean | TlsOptions {
  const mode = parameters.get('sslmode');
  if (mode === 'disable') return false;
  const options: TlsOptions & { rejectUnauthorized?: boolean } = {};
  for (const [name, parameter] of [
    ['ca', 'sslrootcert'],
    ['cert', 'sslcert'],
    ['key', 'sslkey'],
  ] as const) {
    const file = parameters.get(parameter);
    if (file) options[name] = readFileSync(file, 'utf8');
  }
  if (mode === 'no-verify') options.rejectUnauthorized = false;
  if (ENCRYPTED.test(mode ?? '') || Object.keys(options).length > 0) return options;
  return /^(true|1)$/.test(parameters.get('ssl') ?? '');
}

/**
 * Reads `DATABASE_URL` as `pg` does, which the other programs use. Left to itself, `postgres` takes an IPv6
 * address to pieces, does not know `?host=` for a Unix socket, sends `sslrootcert` to the server (which then
 * refuses the connection), and does not verify the certificate at `sslmode=require`.
 */
export function readDatabaseAddress(databaseUrl: string): DatabaseAddress {
  // Without a host it is no URL to JavaScript.
  const url = new URL(databaseUrl.replace(/^(\w+:\/\/(?:[^/]*@)?)(?=[/?]|$)/, '$1localhost'));
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.searchParams.get('port') ?? (url.port || 5432));
  const username = decodeURIComponent(url.username) || 'postgres';
  return {
    host: [host],
    port: [port],
    path: host.startsWith('/') && `${host}/.s.PGSQL.${port}`,
    username,
    password: decodeURIComponent(url.password),
    database: decodeURI(url.pathname.slice(1)) || username,
    ssl: readTls(url.searchParams),
  };
}
