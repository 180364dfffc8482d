import type pg from 'pg';
import { createClient } from './client-config.ts';

/** Key of the advisory lock that serialises migrations and grants. Nothing else uses this number. */
const MIGRATION_LOCK = 7_305_113_042;
/** How long a migration waits for another one, and for each lock on a table. */
const LOCK_TIMEOUT_MS = 30_000;
const LOCK_NOT_AVAILABLE = '55P03';
const MAX_LISTED_HOLDERS = 3;

/** Lists the sessions that hold the migration lock, or a lock on a table of Stagedoor or pg-boss. */
const HOLDERS_SQL = `
  select a.pid, a.usename as user, a.application_name as application, a.state,
      extract(epoch from now() - coalesce(a.xact_start, a.state_change))::int as seconds
    from pg_stat_activity a
    where a.pid <> pg_backend_pid() and a.pid in (
      select l.pid from pg_locks l left join pg_class c on c.oid = l.relation
        where l.granted and l.database = (select oid from pg_database where datname = current_database())
          and (l.locktype = 'advisory' and ((l.classid::bigint << 32) | l.objid::bigint) = $1 and l.objsubid = 1
            or c.relnamespace in (select oid from pg_namespace where nspname in ('public', 'pgboss', 'drizzle'))))
    order by seconds desc nulls last limit ${MAX_LISTED_HOLDERS}`;

type Holder = {
  pid: number;
  user: string | null;
  application: string | null;
  state: string | null;
  seconds: number | null;
};

function formatHolder({ pid, user, application, state, seconds }: Holder): string {
  const details = [
    ...(user ? [`user ${user}`] : []),
    ...(application ? [`application "${application}"`] : []),
    ...(state && seconds !== null ? [`${state} for ${seconds} s`] : []),
  ];
  return `process ${pid} (${details.join(', ')})`;
}

async function explainLockTimeout(url: string, cause: unknown, timeoutMs: number): Promise<Error> {
  const client = createClient(url);
  await client.connect();
  try {
    const { rows } = await client.query<Holder>(HOLDERS_SQL, [MIGRATION_LOCK]);
    const holders = rows.map(formatHolder).join('; ') || 'a session that has ended meanwhile';
    const pid = rows[0]?.pid ?? '<process>';
    return new Error(
      `another session held a lock for more than ${timeoutMs / 1000} s: ${holders}. ` +
        'If it is another start of Stagedoor, wait until that has finished. ' +
        `Otherwise end the session (select pg_terminate_backend(${pid})), and start again.`,
      { cause },
    );
  } finally {
    await client.end();
  }
}

/**
 * Runs `work` in a transaction whose statements fail if they wait too long for a lock. The limit applies to this
 * transaction only, because behind a pooler, other clients use the same connection afterwards.
 */
export async function withLockTimeout(
  client: pg.ClientBase,
  work: () => Promise<void>,
  timeoutMs = LOCK_TIMEOUT_MS,
): Promise<void> {
  await client.query('begin');
  try {
    await client.query(`set local lock_timeout = ${timeoutMs}`);
    await work();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

/**
 * Runs `work` while this process holds the migration lock, so that no other one migrates or grants.
 *
 * A transaction of its own holds the lock, and ends with it in every case. A session-level lock would stay on a pooler's
 * connection.
 * @throws an error that names the session in the way, if `work` or the lock itself waited too long for one
 */
export async function withMigrationLock(
  url: string,
  work: () => Promise<void>,
  timeoutMs = LOCK_TIMEOUT_MS,
): Promise<void> {
  const client = createClient(url);
  await client.connect();
  const lockAndWork = async () => {
    await client.query('set local idle_in_transaction_session_timeout = 0');
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await work();
  };
  try {
    // Also fails if the server ended the session, and with it the lock.
    await withLockTimeout(client, lockAndWork, timeoutMs);
  } catch (error) {
    if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
    throw await explainLockTimeout(url, error, timeoutMs);
  } finally {
    await client.end().catch(() => {});
  }
}
