import pg from 'pg';
import { findExcessAuditRights, formatAuditRight } from './audit-rights.ts';

/** Key of the advisory lock that serialises migrations and grants. Nothing else uses this number. */
export const MIGRATION_LOCK = 7_305_113_042;

type Relation = { name: string; kind: string };

/** Lists our and pg-boss's tables and sequences, but not those of other applications in the same database. */
const OWN_RELATIONS = `
  select format('%I.%I', n.nspname, c.relname) as name, c.relkind as kind
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'pgboss') and c.relkind in ('r', 'p', 'v', 'S')
      and pg_get_userbyid(c.relowner) = current_user`;

/** Returns the GRANT for a table or a sequence. `auditGrants` then restricts the audit log. */
function grantRelation({ name, kind }: Relation, role: string): string {
  if (kind === 'S') return `grant usage, select on sequence ${name} to ${role}`;
  return `grant select, insert, update, delete on ${name} to ${role}`;
}

/** Returns the grants for the audit log: insert and read events, and move the end of the chain. */
const auditGrants = (role: string, mayPrune: boolean) => [
  `revoke all on public.audit_events, public.audit_chain from ${role}`,
  `grant select, insert on public.audit_events to ${role}`,
  `grant select, update (position, digest) on public.audit_chain to ${role}`,
  mayPrune
    ? `grant execute on function public.audit_prune(integer, integer) to ${role}`
    : `revoke execute on function public.audit_prune(integer, integer) from ${role}`,
];

/** @throws if the role may act as the owner */
async function expectSeparateRole(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query('select pg_has_role($1, current_user, $2) as same', [role, 'member']);
  if (!rows[0].same) return;
  throw new Error(
    `The database user ${role} of DATABASE_URL may act as the owner: the audit log would not be safe from it. Use one that is no superuser and no member of the owner's role.`,
  );
}

/** @throws if the role has more rights on the audit log, such as rights of PUBLIC or of a role that it is a member of */
async function expectNoExcessRights(client: pg.Client, role: string, mayPrune: boolean): Promise<void> {
  const rights = await findExcessAuditRights(client, role);
  const { rows } = await client.query(
    "select has_function_privilege($1, 'public.audit_prune(integer, integer)', 'execute') as may",
    [role],
  );
  if (rows[0].may && !mayPrune) rights.push({ what: 'may delete old entries', by: role });
  if (rights.length === 0) return;
  const descriptions = rights.map((right) => formatAuditRight(right, role)).join(', ');
  throw new Error(
    `The database user ${role} of DATABASE_URL may do more with the audit log than insert and read: it ${descriptions}. REVOKE that (it may have been granted to PUBLIC, or to a role that ${role} is a member of), and start again.`,
  );
}

async function grantAll(client: pg.Client, name: string, mayPrune: boolean): Promise<void> {
  const role = pg.escapeIdentifier(name);
  // Concurrent grants on one table fail. The first lock excludes other starts, the second `audit_prune`.
  await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  await client.query("select 1 from public.audit_chain where id = 'only' for update");
  await client.query(`grant usage on schema public, pgboss, drizzle to ${role}`);
  await client.query(`grant select on drizzle.__drizzle_migrations to ${role}`);
  const { rows } = await client.query<Relation>(OWN_RELATIONS);
  for (const relation of rows) await client.query(grantRelation(relation, role));
  for (const statement of auditGrants(role, mayPrune)) await client.query(statement);
}

/**
 * Grants a role what the services need in a migrated database, but only insert and read on the audit log.
 * Runs in one transaction at each start, so that new tables are included.
 * @param role an existing role that is not a superuser and may not act as the owner
 * @param options.mayPrune whether old audit events may be deleted (AUDIT_RETENTION_DAYS is set)
 * @throws if the role has more rights on the audit log
 */
export async function renewGrants(
  ownerUrl: string,
  role: string,
  { mayPrune }: { mayPrune: boolean },
): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await expectSeparateRole(client, role);
    await client.query('begin');
    await grantAll(client, role, mayPrune);
    await expectNoExcessRights(client, role, mayPrune);
    await client.query('commit');
  } finally {
    await client.end();
  }
}
