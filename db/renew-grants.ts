import pg from 'pg';
import { excessAuditRights, formatAuditRight } from './audit-rights.ts';

/** The advisory lock of migrations and grants: two starters do them one after the other. Nothing else uses this number. */
export const MIGRATION_LOCK = 7_305_113_042;

type Table = { name: string; kind: string };

/** Tables and sequences of ours and of the queue, the newest too; not those of others who share the database. */
const OURS = `
  select format('%I.%I', n.nspname, c.relname) as name, c.relkind as kind
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'pgboss') and c.relkind in ('r', 'p', 'v', 'S')
      and pg_get_userbyid(c.relowner) = current_user`;

/** What a role gets on a table or a sequence. The audit log is told apart afterwards. */
function grantOn({ name, kind }: Table, role: string): string {
  if (kind === 'S') return `grant usage, select on sequence ${name} to ${role}`;
  return `grant select, insert, update, delete on ${name} to ${role}`;
}

/** The audit log: may be added to and read. Of the chain, the end may move, and nothing else. */
const auditGrants = (role: string, mayPrune: boolean) => [
  `revoke all on public.audit_events, public.audit_chain from ${role}`,
  `grant select, insert on public.audit_events to ${role}`,
  `grant select, update (position, digest) on public.audit_chain to ${role}`,
  mayPrune
    ? `grant execute on function public.audit_prune(integer, integer) to ${role}`
    : `revoke execute on function public.audit_prune(integer, integer) from ${role}`,
];

async function expectApart(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query('select pg_has_role($1, current_user, $2) as same', [role, 'member']);
  if (!rows[0].same) return;
  throw new Error(
    `The database user ${role} of DATABASE_URL may act as the owner: the audit log would not be safe from it. Use one that is no superuser and no member of the owner's role.`,
  );
}

/** What was granted to PUBLIC, or to a role of which this one is a member, is beyond what is granted here. */
async function expectNoMore(client: pg.Client, role: string, mayPrune: boolean): Promise<void> {
  const rights = await excessAuditRights(client, role);
  const { rows } = await client.query(
    "select has_function_privilege($1, 'public.audit_prune(integer, integer)', 'execute') as may",
    [role],
  );
  if (rows[0].may && !mayPrune) rights.push({ what: 'may throw old entries away', by: role });
  if (rights.length === 0) return;
  const words = rights.map((right) => formatAuditRight(right, role)).join(', ');
  throw new Error(
    `The database user ${role} of DATABASE_URL may do more to the audit log than add and read: it ${words}. REVOKE that (it may have been granted to PUBLIC, or to a role that ${role} is a member of), and start again.`,
  );
}

async function grantAll(client: pg.Client, name: string, mayPrune: boolean): Promise<void> {
  const role = pg.escapeIdentifier(name);
  // Two that grant on one table at once would fail: the first lock is for starters, the second for `audit_prune`.
  await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  await client.query("select 1 from public.audit_chain where id = 'only' for update");
  await client.query(`grant usage on schema public, pgboss, drizzle to ${role}`);
  await client.query(`grant select on drizzle.__drizzle_migrations to ${role}`);
  const { rows } = await client.query<Table>(OURS);
  for (const table of rows) await client.query(grantOn(table, role));
  for (const statement of auditGrants(role, mayPrune)) await client.query(statement);
}

/**
 * Gives a role what the programs need of a migrated database, and of the audit log no more than to add to it and to
 * read it. In one transaction: others see all of it or nothing. May be run at any time, and is at each start, so that
 * new tables are granted too.
 * @param role exists, and may neither act as the owner nor be a superuser
 * @throws where the role may do more to the audit log all the same
 * @param options `mayPrune`: whether entries may go at all (AUDIT_RETENTION_DAYS is set)
 */
export async function renewGrants(
  ownerUrl: string,
  role: string,
  { mayPrune }: { mayPrune: boolean },
): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await expectApart(client, role);
    await client.query('begin');
    await grantAll(client, role, mayPrune);
    await expectNoMore(client, role, mayPrune);
    await client.query('commit');
  } finally {
    await client.end();
  }
}
