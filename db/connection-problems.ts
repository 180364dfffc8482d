import { type DatabaseAddress, DatabaseUrlError } from './database-url.ts';

/** What went wrong, for an explanation. `code`: SQLSTATE, or that of Node.js or OpenSSL; may be empty. */
type Problem = { code: string; message: string; address: DatabaseAddress; setting: string };

type Explanation = {
  /** Matched against the code, or against the message of an error whose code says too little. */
  code?: RegExp;
  message?: RegExp;
  /** Says what happened, and which setting to change. */
  explain(problem: Problem): string;
};

const PAGE = 'docs/how-to/connect-to-postgresql.md';
const AUTHORITY_ADVICE = (setting: string) =>
  `Download your provider's CA certificate, and add sslrootcert=/path/to/ca.pem to ${setting}`;

/** In this order: the first that matches applies. */
const EXPLANATIONS: Explanation[] = [
  {
    message: /unsupported startup parameter/i,
    explain: ({ message, setting }) =>
      `PgBouncer refuses the startup parameter ${/parameter(?: in options)?:?\s*"?([\w.]+)/i.exec(message)?.[1] ?? ''}. Remove it from ${setting}, or add it to ignore_startup_parameters in pgbouncer.ini (${PAGE})`,
  },
  {
    code: /^(UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|CERT_UNTRUSTED|INVALID_CA|CERT_SIGNATURE_FAILURE)/,
    explain: ({ address, setting }) =>
      address.tls?.files.ca
        ? `its certificate isn't from the authority in ${address.tls.files.ca}. Set sslrootcert in ${setting} to the file with your provider's current CA certificate`
        : `its certificate is from an authority that isn't known here. ${AUTHORITY_ADVICE(setting)}`,
  },
  {
    code: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    explain: ({ address, message, setting }) => {
      const names = message.match(/(?<=DNS:|IP Address:)[^\s,"]+/g)?.join(', ');
      return `its certificate is for ${names ? `${names}, ` : ''}not for ${address.host}. Use a name from the certificate as the host in ${setting}, or sslmode=verify-ca with sslrootcert`;
    },
  },
  {
    code: /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/,
    explain: () =>
      "its certificate has expired or isn't valid yet. Renew it, or correct this machine's clock",
  },
  {
    code: /^ERR_OSSL_.*(PEM|ASN1)|^ERR_OSSL_(UNSUPPORTED|BAD_DECRYPT|X509_KEY)|^ERR_CRYPTO_.*PASSPHRASE|^ERR_MISSING_PASSPHRASE/,
    explain: ({ setting }) =>
      `a certificate or key can't be used. Check the PEM files of sslrootcert, sslcert and sslkey in ${setting}, and sslpassword if the key is encrypted`,
  },
  {
    message:
      /does not support SSL connections|wrong version number|packet length too long|error establishing an SSL/i,
    explain: ({ setting }) =>
      `it doesn't offer TLS. Turn on TLS in PostgreSQL (or client_tls_sslmode in PgBouncer). On a network that you trust, you can use sslmode=disable in ${setting} instead`,
  },
  {
    message:
      /pg_hba\.conf.*(no encryption|SSL off)|(SSL|TLS|encryption)( connection)? (is )?required|requires? (an )?(SSL|TLS|encrypt)|connection is insecure/i,
    explain: ({ setting }) =>
      `it accepts only connections with TLS from this machine. Add sslmode=verify-full to ${setting} (and sslrootcert for a private certificate authority), or change pg_hba.conf`,
  },
  {
    message: /client certificate|alert (certificate required|handshake failure|bad certificate|unknown ca)/i,
    explain: ({ setting }) =>
      `it requires a client certificate, or doesn't accept this one. Set sslcert and sslkey in ${setting}`,
  },
  {
    message: /no such user|pg_hba\.conf|role .* is not permitted to log in/i,
    explain: ({ address, setting }) =>
      `it doesn't let the user ${address.user} in from here. Check the user in ${setting}, and pg_hba.conf (or PgBouncer's auth_file)`,
  },
  {
    code: /^(28P01|28000)$/,
    message: /authentication failed|password must be|no password supplied|auth failed|SASL/i,
    explain: ({ address, setting }) =>
      `it didn't accept the user ${address.user} with ${address.password ? 'this password' : 'no password'}. Correct the user and the password in ${setting}; special characters must be percent-encoded`,
  },
  {
    message: /statement pooling mode/i,
    explain: () =>
      `PgBouncer is in statement mode, which has no transactions. Set pool_mode = transaction in pgbouncer.ini (${PAGE})`,
  },
  {
    code: /^3D000$/,
    message: /no such database|database .* does not exist/i,
    explain: ({ address, setting }) =>
      `there is no database ${address.database}. Create it, or correct the name at the end of ${setting}`,
  },
  {
    message: /permission denied for database/i,
    explain: ({ address }) =>
      `the user ${address.user} may not use it. As its owner, run: grant connect on database ${address.database} to ${address.user}`,
  },
  {
    code: /^53300$/,
    message: /no more connections allowed|too many (clients|connections)|remaining connection slots/i,
    explain: () =>
      `it has no free connection. Raise max_connections in PostgreSQL (max_client_conn in PgBouncer), or stop what uses them: web opens up to 30 connections, a worker 20, each worker of a verifier 6 (${PAGE})`,
  },
  {
    code: /^57P0[123]$/,
    message: /server_login_retry|server login (failed|has been failing)|the database system is/i,
    explain: () => 'it is starting, stopping or recovering. Try again in a moment',
  },
  {
    code: /^57014$/,
    explain: () =>
      'it cancelled a query that took too long. Look in pg_stat_activity for a session that holds a lock',
  },
  {
    code: /^ECONNREFUSED$/,
    explain: ({ address, setting }) =>
      `nothing accepts connections at ${formatHost(address)}. Check host and port in ${setting}, and that PostgreSQL is running and listens on that address`,
  },
  {
    code: /^(ENOENT|EACCES|EPERM|ENOTSOCK)$/,
    explain: ({ address, setting }) =>
      `the Unix socket ${formatHost(address)} can't be used. Check the folder (host=) and the port in ${setting}, and the socket's permissions`,
  },
  {
    code: /^(ENOTFOUND|EAI_\w+)$/,
    explain: ({ address, setting }) =>
      `the host name ${address.host} can't be resolved. Check the host in ${setting}, and this machine's DNS`,
  },
  {
    code: /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|CONNECT_TIMEOUT)$/,
    message: /timeout expired|timed? ?out|not opened in time/i,
    explain: ({ setting }) =>
      `it didn't respond in time. Check the host in ${setting}, and whether a firewall or a security group blocks this machine`,
  },
  {
    code: /^(ECONNRESET|EPIPE|CONNECTION_CLOSED|CONNECTION_ENDED)$/,
    message: /terminated unexpectedly|socket disconnected before secure TLS/i,
    explain: ({ setting }) =>
      `it closed the connection. Check that host and port in ${setting} lead to PostgreSQL, and whether it requires TLS (sslmode)`,
  },
];

const formatHost = ({ host, port }: DatabaseAddress) => {
  if (host.startsWith('/')) return `${host}/.s.PGSQL.${port}`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
};

function readError(error: unknown): { code: string; message: string } {
  // The errors of all IP addresses that were tried. The first one is the most useful.
  if (error instanceof AggregateError && error.errors.length > 0) return readError(error.errors[0]);
  if (!(error instanceof Error)) return { code: '', message: '' };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { code, message: error.message };
}

/** Finds the explanation of an error: by its code, otherwise by its message. */
function findExplanation({ code, message }: { code: string; message: string }): Explanation | undefined {
  return EXPLANATIONS.find(
    (explanation) => (code && explanation.code?.test(code)) || explanation.message?.test(message),
  );
}

/**
 * Explains why a database cannot be used, and which setting to change. Contains neither the URL nor the password.
 * @param error the error of either driver, or a DatabaseUrlError
 * @param setting the name of the variable that the address is from
 */
export function explainConnectionError(error: unknown, address: DatabaseAddress, setting: string): string {
  if (error instanceof DatabaseUrlError) return `${setting} ${error.message}.`;
  const { code, message } = readError(error);
  const explanation = findExplanation({ code, message })?.explain({ code, message, address, setting });
  const reason = code || message || 'unknown';
  const advice =
    explanation ??
    `${code && message ? `${message}. Check` : 'check'} ${setting}, and that PostgreSQL is running`;
  return `The database ${address.database} at ${formatHost(address)} cannot be reached (${reason}): ${advice}.`;
}
