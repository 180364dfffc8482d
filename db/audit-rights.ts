import pg from 'pg';

/** Roles of PostgreSQL's own whose members can become a superuser: they write files or run programs beside it. */
const AS_GOOD_AS_SUPERUSERS = ['pg_execute_server_program', 'pg_write_server_files'];

/** What nobody who only adds and reads may do. What is asked of a table's columns holds for the whole table too. */
const TOO_MUCH = `
  select r.rolname, w.* from pg_roles r, lateral (values
      ('is a superuser', r.rolsuper or r.rolname = any ($2)),
      ('may change entries', has_any_column_privilege(r.oid, 'public.audit_events', 'update')),
      ('may delete entries', has_table_privilege(r.oid, 'public.audit_events', 'delete, truncate')),
      ('may move the beginning of the chain', has_column_privilege(r.oid, 'public.audit_chain', 'start_position', 'update')
        or has_column_privilege(r.oid, 'public.audit_chain', 'start_digest', 'update')),
      ('may replace the end of the chain', has_any_column_privilege(r.oid, 'public.audit_chain', 'insert')
        or has_table_privilege(r.oid, 'public.audit_chain', 'delete, truncate'))
    ) as w (what, may)
    where w.may and pg_has_role($1, r.oid, 'member')
    order by r.rolname = $1 desc, r.rolname`;

export type AuditRight = { what: string; by: string };

/**
 * What a role may do to the audit log beyond adding and reading, whether by a right of its own, by one of PUBLIC, or by
 * a role that it is a member of. A superuser may do anything: then nothing else is told.
 */
export async function excessAuditRights(client: pg.ClientBase, role: string): Promise<AuditRight[]> {
  const { rows } = await client.query<{ rolname: string; what: string }>(TOO_MUCH, [
    role,
    AS_GOOD_AS_SUPERUSERS,
  ]);
  const rights = rows.map(({ rolname, what }) => ({ what, by: rolname }));
  const superuser = rights.find(({ what }) => what === 'is a superuser');
  return superuser ? [superuser] : rights;
}

/** In words that stand after the role's name. */
export const formatAuditRight = ({ what, by }: AuditRight, role: string) =>
  by === role ? what : `${what} (by the role ${by})`;

/** What whoever connects with this URL may do to the audit log of a migrated database beyond adding and reading. */
export async function readExcessAuditRights(url: string): Promise<{ role: string; rights: AuditRight[] }> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ role: string }>('select current_user::text as role');
    const role = rows[0]?.role ?? '';
    return { role, rights: await excessAuditRights(client, role) };
  } finally {
    await client.end();
  }
}
