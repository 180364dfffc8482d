import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findPostgresBinaries, launchPostgres } from '#db/embedded-postgres.ts';
import { choosePostgresAccount } from '#db/postgres-account.ts';
import { findFreePort } from '#db/processes.ts';
import { findProgram } from '../../scripts/machine-programs.ts';

/** The path of Debian's PgBouncer; empty if it is not installed. */
export const pgBouncer = findProgram('pgbouncer') ?? '';

/**
 * Starts PgBouncer in transaction mode, otherwise with its defaults, in front of a database.
 * @param databaseUrl with a password
 * @param settings lines for pgbouncer.ini
 * @returns `url`: the database's URL through PgBouncer
 */
export async function startPgBouncer(
  folder: string,
  databaseUrl: string,
  settings: Record<string, string> = {},
): Promise<{ url: string; stop(): Promise<void> }> {
  const url = new URL(databaseUrl);
  const port = await findFreePort();
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
  const file = path.join(folder, 'pgbouncer.ini');
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: path.join(folder, 'userlist.txt'),
    pool_mode: 'transaction',
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  await writeFile(
    file,
    `[databases]\n* = host=${url.hostname} port=${url.port}\n[pgbouncer]\n${lines.join('\n')}\n`,
  );
  await writeFile(all.auth_file, `"${url.username}" "${decodeURIComponent(url.password)}"\n`);
  const { postgres } = await findPostgresBinaries();
  // PgBouncer refuses to run as root, as PostgreSQL does.
  const account = choosePostgresAccount([postgres, folder], path.join(folder, 'missing'));
  const server = await launchPostgres(account.wrap(pgBouncer, [file]), folder, () => {}, /process up/);
  if (!server.isReady) throw new Error(`PgBouncer did not start: ${server.lastLogLines}`);
  url.port = String(port);
  const stop = async () => {
    process.kill(server.pid, 'SIGTERM');
    await server.exited;
  };
  return { url: url.href, stop };
}
