import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findPostgresBinaries, startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { choosePostgresAccount } from '#db/postgres-account.ts';
import { createAuthority } from './certificates.ts';
import { copyMigratedCluster } from './migrated-cluster.ts';

/**
 * Who may connect how: to the database `tls_only` only with TLS, to `certificates` only with a client certificate that
 * names the user.
 */
const HBA = `
hostssl   tls_only     all 127.0.0.1/32 scram-sha-256
hostnossl tls_only     all 127.0.0.1/32 reject
hostssl   certificates all 127.0.0.1/32 cert
host      all          all 127.0.0.1/32 scram-sha-256
`;

/** Writes PEM files that PostgreSQL, and PgBouncer, can read. Returns their paths. */
export async function writePemFiles(folder: string, contents: Record<string, string>) {
  const { postgres } = await findPostgresBinaries();
  const account = choosePostgresAccount([postgres], path.join(folder, 'missing'));
  const paths: Record<string, string> = {};
  for (const [name, content] of Object.entries(contents)) {
    const file = path.join(folder, `${name}.pem`);
    await writeFile(file, content, { mode: 0o600 });
    account.changeOwner(file);
    paths[name] = file;
  }
  return paths;
}

/**
 * Starts a PostgreSQL with TLS. Its certificate is for `localhost`, from a private certificate authority.
 * @returns `files`: the paths of the authority's certificate (`ca`), of another authority's (`other`), of a text file
 *   (`text`), and of a certificate for the user `stagedoor` and its key (`client`, `clientKey`)
 */
export async function startTlsPostgres(folder: string) {
  const authority = createAuthority();
  const server = authority.issue('localhost');
  const client = authority.issue('stagedoor');
  const pemFolder = path.join(folder, 'pem');
  await mkdir(pemFolder, { recursive: true });
  for (const open of [folder, pemFolder]) await chmod(open, 0o755);
  const files = await writePemFiles(pemFolder, {
    ca: authority.cert,
    other: createAuthority().cert,
    text: 'not a certificate',
    server: server.cert,
    serverKey: server.key,
    client: client.cert,
    clientKey: client.key,
    hba: HBA,
  });
  const databaseFolder = path.join(folder, 'database');
  await copyMigratedCluster(databaseFolder);
  const postgres = await startEmbeddedPostgres({
    folder: databaseFolder,
    parameters: {
      fsync: 'off',
      ssl: 'on',
      ssl_cert_file: files.server ?? '',
      ssl_key_file: files.serverKey ?? '',
      ssl_ca_file: files.ca ?? '',
      hba_file: files.hba ?? '',
      max_connections: '20',
    },
  });
  return { postgres, files };
}
