import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { userInfo } from 'node:os';
import { type ConnectionOptions, createSecureContext, type SecureVersion } from 'node:tls';

/**
 * A mistake in a database URL. The message follows the setting's name in a sentence, and does not contain the password.
 */
export class DatabaseUrlError extends Error {}

type TlsSettings = {
  /** What is verified of the server's certificate: its authority and its host name, the authority only, or nothing. */
  verification: 'full' | 'authority' | 'none';
  /** Paths of PEM files. Without `ca`, Node.js's own authorities are trusted. */
  files: { ca?: string; cert?: string; key?: string };
  passphrase: string | undefined;
  minVersion: SecureVersion | undefined;
  maxVersion: SecureVersion | undefined;
  /** Starts with TLS instead of asking for it in PostgreSQL's protocol (`sslnegotiation=direct`, PostgreSQL 17). */
  isDirect: boolean;
};

/** Where and how to connect, for both drivers. */
export type DatabaseAddress = {
  /** A host name, an IP address, or the folder of a Unix socket, which begins with `/`. */
  host: string;
  port: number;
  user: string;
  /** Empty if the URL has none. */
  password: string;
  database: string;
  /** Replaces the services' own names in `pg_stat_activity`. */
  applicationName: string | undefined;
  /** Command-line options for the server, such as `-c work_mem=8MB`. */
  options: string | undefined;
  /** Null: no TLS. */
  tls: TlsSettings | null;
};

const PERCENT_ENCODING =
  'percent-encode special characters in the user name, the password and the parameters (@ is %40, : is %3A, / is %2F, ? is %3F, # is %23)';
const TLS_PARAMETERS = new Set([
  ...[
    'ssl',
    'sslmode',
    'sslrootcert',
    'sslcert',
    'sslkey',
    'sslpassword',
    'sslnegotiation',
    'uselibpqcompat',
  ],
  ...['ssl_min_protocol_version', 'ssl_max_protocol_version'],
  // These change nothing for a client that always sends the server's name and never compresses.
  ...['sslsni', 'sslcompression', 'sslcertmode'],
]);
/** Matches any parameter about TLS, also a mistyped one. */
const TLS_NAME = /ssl|tls/i;
const TLS_VERSION = /^TLSv1(\.[123])?$/;

/** Decodes percent-encoding. A percent sign that begins no code stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll(/%(?![0-9a-f]{2})/gi, '%25'));
  } catch {
    throw new DatabaseUrlError(`isn't a valid URL: ${PERCENT_ENCODING}`);
  }
}

/** Parses the query string. Unlike `URLSearchParams`, keeps a plus sign, as libpq does. The last of a name applies. */
function readParameters(search: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of search.slice(1).split('&')) {
    const [name = '', value = ''] = (/^([^=]*)=?(.*)$/s.exec(pair) ?? []).slice(1).map(decode);
    if (value) parameters.set(name, value);
    // Ignoring it could mean a connection without TLS, for example with `sslmode=$MODE` and no such variable.
    else if (TLS_NAME.test(name)) throw new DatabaseUrlError(`has the parameter ${name} without a value`);
  }
  return parameters;
}

function parseUrl(text: string): URL {
  if (!/^postgres(ql)?:\/\//i.test(text)) throw new DatabaseUrlError('must start with postgresql://');
  const authority = text.slice(text.indexOf('://') + 3).split(/[/?#]/)[0] ?? '';
  if (authority.slice(authority.lastIndexOf('@') + 1).includes(',')) throw createHostListError();
  // `URL` requires a host.
  const url = URL.parse(text.replace(/^(\w+:\/\/(?:[^/?#]*@)?)(?=(?::\d+)?(?:[/?]|$))/, '$1localhost'));
  // An unencoded `/`, `?` or `#` ends the password early. The rest of it, up to the `@`, is then in another part of the
  // URL, and would be in messages.
  if (!url || url.hash || url.pathname.includes('@') || url.search.includes('@'))
    throw new DatabaseUrlError(`isn't a valid URL: ${PERCENT_ENCODING}`);
  if (url.pathname.slice(1).includes('/'))
    throw new DatabaseUrlError('must name one database after the host, with %2F for a slash in its name');
  return url;
}

const createHostListError = () =>
  new DatabaseUrlError(
    'names several hosts. Name one: the address that always leads to the primary, or a proxy such as PgBouncer or HAProxy',
  );

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port;
  throw new DatabaseUrlError('must have a port from 1 to 65535');
}

function readUser(text: string): string {
  if (text) return text;
  try {
    // As libpq does, for a server that authenticates users of a Unix socket by their accounts.
    return userInfo().username;
  } catch {
    throw new DatabaseUrlError('must name a user');
  }
}

/** Translates `ssl`, which drivers for Node.js and Java know, into `sslmode`. */
function translateSsl(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  return { true: 'require', '1': 'require', false: 'disable', '0': 'disable' }[value] ?? value;
}

/** Returns what `sslmode` verifies; null if the connection has no TLS. */
function readVerification(parameters: Map<string, string>): TlsSettings['verification'] | null {
  const rootCertificate = parameters.get('sslrootcert');
  const hasFiles = ['sslrootcert', 'sslcert', 'sslkey'].some((name) => parameters.has(name));
  const isLibpqCompatible = parameters.get('uselibpqcompat') === 'true';
  const mode =
    parameters.get('sslmode') ??
    translateSsl(parameters.get('ssl')) ??
    (hasFiles ? 'verify-full' : 'disable');
  switch (mode) {
    case 'disable':
      return null;
    case 'prefer':
    case 'require':
      if (!isLibpqCompatible) return 'full';
      return mode === 'require' && rootCertificate ? 'authority' : 'none';
    case 'verify-ca':
      if (rootCertificate) return 'authority';
      // Every server owner can get a certificate from a public authority.
      throw new DatabaseUrlError(
        'needs sslrootcert for sslmode=verify-ca. Without a certificate authority of your own, use sslmode=verify-full',
      );
    case 'verify-full':
      return 'full';
    case 'no-verify':
      return 'none';
    default:
      throw new DatabaseUrlError(
        `has sslmode=${mode}. Use disable, require, verify-ca or verify-full (docs/how-to/connect-to-postgresql.md)`,
      );
  }
}

function readTlsVersion(parameters: Map<string, string>, name: string): SecureVersion | undefined {
  const version = parameters.get(name);
  if (version === undefined || TLS_VERSION.test(version)) return version as SecureVersion | undefined;
  throw new DatabaseUrlError(`has ${name}=${version}. Use TLSv1.2 or TLSv1.3`);
}

function readTls(parameters: Map<string, string>, isSocket: boolean): TlsSettings | null {
  // Ignoring a mistyped one could mean a connection without TLS.
  for (const name of parameters.keys())
    if (TLS_NAME.test(name) && !TLS_PARAMETERS.has(name))
      throw new DatabaseUrlError(
        `has the parameter ${name}, which isn't supported. Use sslmode and sslrootcert`,
      );
  const verification = readVerification(parameters);
  // PostgreSQL has no TLS on Unix sockets, and libpq ignores these parameters there.
  if (verification === null || isSocket) return null;
  const [ca, cert, key] = ['sslrootcert', 'sslcert', 'sslkey'].map((name) => parameters.get(name));
  if (Boolean(cert) !== Boolean(key)) throw new DatabaseUrlError('needs both sslcert and sslkey, or neither');
  if (ca === 'system' && verification !== 'full')
    throw new DatabaseUrlError('needs sslmode=verify-full for sslrootcert=system');
  return {
    verification,
    files: { ...(ca && ca !== 'system' ? { ca } : {}), ...(cert && key ? { cert, key } : {}) },
    passphrase: parameters.get('sslpassword'),
    minVersion: readTlsVersion(parameters, 'ssl_min_protocol_version'),
    maxVersion: readTlsVersion(parameters, 'ssl_max_protocol_version'),
    isDirect: parameters.get('sslnegotiation') === 'direct',
  };
}

/**
 * Parses the URL of a PostgreSQL database. Both drivers connect with the result, because their own parsers differ:
 * in TLS, in Unix sockets, in percent-encoding, and in which `PG*` variables they read.
 *
 * TLS is as in `pg` 8 (`require` verifies like `verify-full`), and as in libpq with `uselibpqcompat=true`. `verify-ca` is
 * always as in libpq. Does not read the files that the URL names.
 * @throws a DatabaseUrlError
 */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  const url = parseUrl(text.trim());
  const parameters = readParameters(url.search);
  const host = parameters.get('host') ?? decode(url.hostname).replace(/^\[(.*)\]$/, '$1');
  if (host.includes(',')) throw createHostListError();
  const user = readUser(parameters.get('user') ?? decode(url.username));
  return {
    host,
    port: readPort(parameters.get('port') ?? (url.port || '5432')),
    user,
    password: parameters.get('password') ?? decode(url.password),
    database: parameters.get('dbname') ?? (decode(url.pathname.slice(1)) || user),
    applicationName: parameters.get('application_name'),
    options: parameters.get('options'),
    tls: readTls(parameters, host.startsWith('/')),
  };
}

/** Returns what is wrong with a database URL, to follow the setting's name in a sentence; undefined if nothing is. */
export function findDatabaseUrlProblem(text: string): string | undefined {
  try {
    parseDatabaseUrl(text);
    return undefined;
  } catch (error) {
    if (error instanceof DatabaseUrlError) return error.message;
    throw error;
  }
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new DatabaseUrlError(
      `names the file ${file}, which can't be read (${(error as { code?: string }).code})`,
    );
  }
}

/**
 * Returns the TLS options of both drivers; false for a connection without TLS. Reads the certificates.
 * @throws a DatabaseUrlError if a file cannot be read, or an error of OpenSSL if it is not a certificate or a key
 */
export function readTlsOptions({ tls, host }: DatabaseAddress): false | ConnectionOptions {
  if (!tls) return false;
  const { verification, files, passphrase, minVersion, maxVersion } = tls;
  const contents = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, readPem(file)]));
  // For an empty file, for example after a failed download, Node.js would trust its own authorities.
  if (files.ca && !/-----BEGIN [A-Z\d ]*CERTIFICATE-----/.test(contents.ca ?? ''))
    throw new DatabaseUrlError(
      `names the file ${files.ca}, which doesn't contain a certificate in PEM format`,
    );
  return {
    // Created here, because `postgres` does not catch the errors of a file with other contents.
    secureContext: createSecureContext({
      ...contents,
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(minVersion ? { minVersion } : {}),
      ...(maxVersion ? { maxVersion } : {}),
    }),
    // Without it, `postgres` verifies the certificate of an IP address for "localhost".
    ...(isIP(host) ? { host } : { host, servername: host }),
    rejectUnauthorized: verification !== 'none',
    ...(verification === 'authority' ? { checkServerIdentity: () => undefined } : {}),
  };
}

/**
 * Removes the `PG*` variables from this process's environment. Each driver reads some of them, even for options that it
 * is given, so a variable such as PGOPTIONS would affect only some connections.
 */
export function discardLibpqVariables(): void {
  for (const name of Object.keys(process.env)) if (/^PG[A-Z]/.test(name)) delete process.env[name];
}
