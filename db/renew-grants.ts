import pg from 'pg';
import { findExcessAuditRights, formatAuditRight } from './audit-rights.ts';
import { createClient } from './client-config.ts';
import { withLockTimeout, withMigrationLock } from './migration-lock.ts';

/** `kind`: as in `pg_class.relkind`, where S is a sequence. */
type Relation = { name: string; kind: string };

/** Lists the owner's tables, views and sequences in the schemas of Stagedoor (`public`) and pg-boss. */
const OWN_RELATIONS_SQL = `
  select format('%I.%I', n.nspname, c.relname) as name, c.relkind as kind
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'pgboss') and c.relkind in ('r', 'p', 'v', 'S')
      and pg_get_userbyid(c.relowner) = current_user`;

/** Builds the GRANT for a table, a view or a sequence. `buildAuditGrants` then restricts those of the audit log. */
function buildRelationGrant({ name, kind }: Relation, role: string): string {
  if (kind === 'S') return `grant usage, select on sequence ${name} to ${role}`;
  return `grant select, insert, update, delete on ${name} to ${role}`;
}

/**
 * Builds the statements that let a role only insert and read audit events, move the end of the chain, insert, read and
 * delete erasable details and, if `mayPrune`, delete old events.
 */
const buildAuditGrants = (role: string, mayPrune: boolean) => [
  `revoke all on public.audit_events, public.audit_chain, public.audit_erasable_details from ${role}`,
  `grant select, insert on public.audit_events to ${role}`,
  `grant select, insert, delete on public.audit_erasable_details to ${role}`,
  `grant select, update (position, digest) on public.audit_chain to ${role}`,
  mayPrune
    ? `grant execute on function public.audit_prune(integer, integer) to ${role}`
    : `revoke execute on function public.audit_prune(integer, integer) from ${role}`,
];

/** Stagedoor's schemas, in which only their owner may create objects. */
const SCHEMAS = 'public, pgboss, drizzle';

/** Lists what lets a role hide a table or a function of Stagedoor behind its own, in statements that name no schema. */
const SHADOWING_RIGHTS_SQL = `
  select what from (values
      ('temporary tables', has_database_privilege($1, current_database(), 'temporary')),
      ('schemas', has_database_privilege($1, current_database(), 'create')),
      ('objects in the schemas ${SCHEMAS}', (select bool_or(has_schema_privilege($1, oid, 'create')) from pg_namespace
        where nspname = any (string_to_array('${SCHEMAS}', ', '))))
    ) as r (what, may) where may`;

/** Revokes the rights in `SHADOWING_RIGHTS_SQL`. PostgreSQL only warns if this role does not own the database or a schema. */
async function revokeShadowingRights(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query('select current_database() as name');
  const database = pg.escapeIdentifier(rows[0].name);
  await client.query(`revoke temporary on database ${database} from public, ${role}`);
  await client.query(`revoke create on database ${database} from ${role}`);
  await client.query(`revoke create on schema ${SCHEMAS} from public, ${role}`);
}

/** Returns a warning if the role still has such a right. */
async function warnOfShadowingRights(client: pg.Client, name: string): Promise<string | undefined> {
  const { rows } = await client.query<{ what: string }>(SHADOWING_RIGHTS_SQL, [name]);
  if (rows.length === 0) return undefined;
  const { rows: databases } = await client.query('select current_database() as name');
  const [database, role] = [databases[0].name, name].map(pg.escapeIdentifier);
  return (
    `Warning: the database user ${name} of DATABASE_URL may create ${rows.map(({ what }) => what).join(', and ')},\n` +
    '  which can hide those of Stagedoor from its own connections. As the owner of the database, run:\n' +
    `  revoke create, temporary on database ${database} from public, ${role};\n` +
    `  revoke create on schema ${SCHEMAS} from public, ${role};`
  );
}

/**
 * Checks that the role cannot act as the owner.
 * @throws if it can
 */
async function expectSeparateRole(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query('select pg_has_role($1, current_user, $2) as is_member', [
    role,
    'member',
  ]);
  if (!rows[0].is_member) return;
  throw new Error(
    `The database user ${role} of DATABASE_URL may act as the owner, so the audit log would not be protected from it. Use a user that is neither a superuser nor a member of the owner's role.`,
  );
}

/**
 * Checks that the role has no further rights on the audit log, also none of PUBLIC or of a role that it is a member of.
 * @throws if it has
 */
async function expectNoExcessRights(client: pg.Client, role: string, mayPrune: boolean): Promise<void> {
  const rights = await findExcessAuditRights(client, role);
  const { rows } = await client.query(
    "select has_function_privilege($1, 'public.audit_prune(integer, integer)', 'execute') as may_prune",
    [role],
  );
  if (rows[0].may_prune && !mayPrune) rights.push({ description: 'may delete old entries', grantee: role });
  if (rights.length === 0) return;
  const descriptions = rights.map((right) => formatAuditRight(right, role)).join(', ');
  throw new Error(
    `The database user ${role} of DATABASE_URL may do more with the audit log than insert and read: it ${descriptions}. Revoke these privileges (they may be granted to PUBLIC, or to a role that ${role} is a member of), and start again.`,
  );
}

async function grantPrivileges(client: pg.Client, name: string, mayPrune: boolean): Promise<void> {
  const role = pg.escapeIdentifier(name);
  // Concurrent changes of a table's privileges fail, so wait for `audit_prune`.
  await client.query("select 1 from public.audit_chain where id = 'only' for update");
  await client.query(`grant usage on schema public, pgboss, drizzle to ${role}`);
  await client.query(`grant select on drizzle.__drizzle_migrations to ${role}`);
  const { rows } = await client.query<Relation>(OWN_RELATIONS_SQL);
  for (const relation of rows) await client.query(buildRelationGrant(relation, role));
  for (const statement of buildAuditGrants(role, mayPrune)) await client.query(statement);
  await revokeShadowingRights(client, role);
}

/**
 * Grants a role what the services need in a migrated database, but only insert and read on the audit log. Revokes what
 * would let it hide tables behind its own.
 * Runs in one transaction, at each start that has the owner's URL, so that new tables are included.
 * @param role an existing role that is not a superuser and may not act as the owner
 * @param options.mayPrune whether old audit events may be deleted (AUDIT_RETENTION_DAYS is set)
 * @returns a warning for the operator if the role may still hide tables behind its own
 * @throws if the role has further rights on the audit log, or may act as the owner
 */
export async function renewGrants(
  ownerUrl: string,
  role: string,
  { mayPrune }: { mayPrune: boolean },
): Promise<string | undefined> {
  const client = createClient(ownerUrl);
  await client.connect();
  try {
    await expectSeparateRole(client, role);
    const grant = async () => {
      await grantPrivileges(client, role, mayPrune);
      await expectNoExcessRights(client, role, mayPrune);
    };
    await withMigrationLock(ownerUrl, () => withLockTimeout(client, grant));
    return await warnOfShadowingRights(client, role);
  } finally {
    await client.end();
  }
}
