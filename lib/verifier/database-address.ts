import { readFileSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';

/** The address of a database, as connection options of the `postgres` driver. */
export type DatabaseAddress = {
  host: string[];
  port: number[];
  /** Path of a Unix socket, which is used instead of host and port; false if there is none. */
  path: string | false;
  username: string;
  password: string;
  database: string;
  ssl: boolean | TlsOptions;
};

const TLS_MODES = /^(prefer|require|verify-ca|verify-full|no-verify)$/;

function readTlsOptions(parameters: URLSearchParams): boolean | TlsOptions {
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
  if (TLS_MODES.test(mode ?? '') || Object.keys(options).length > 0) return options;
  return /^(true|1)$/.test(parameters.get('ssl') ?? '');
}

/**
 * Parses a database URL as `pg` does, which the other services use.
 *
 * The `postgres` driver's own parser splits IPv6 addresses and ignores `?host=` for a Unix socket. It sends
 * `sslrootcert` to the server, which then refuses the connection. It does not verify certificates with
 * `sslmode=require`.
 */
export function readDatabaseAddress(databaseUrl: string): DatabaseAddress {
  // `URL` requires a host.
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
    ssl: readTlsOptions(url.searchParams),
  };
}
