import type pg from 'pg';
import { createClient } from './client-config.ts';

/** Predefined roles whose members can become superuser, because they can write files or run programs on the server. */
const SUPERUSER_EQUIVALENT_ROLES = ['pg_execute_server_program', 'pg_write_server_files'];

/**
 * Lists the rights beyond inserting and reading that a role has, or a role that it is a member of. Deleting erasable
 * details is not listed, because deleting an account needs it. The checks of a
 * column privilege include privileges on the whole table. Who inserts an entry must move the end of the chain, so
 * updating its `position` and `digest` is not listed.
 */
const EXCESS_RIGHTS_SQL = `
  select r.rolname, w.* from pg_roles r, lateral (values
      ('is a superuser', r.rolsuper or r.rolname = any ($2)),
      ('may change entries', has_any_column_privilege(r.oid, 'public.audit_events', 'update')),
      ('may delete entries', has_table_privilege(r.oid, 'public.audit_events', 'delete, truncate')),
      ('may change erasable details', has_any_column_privilege(r.oid, 'public.audit_erasable_details', 'update')
        or has_table_privilege(r.oid, 'public.audit_erasable_details', 'truncate')),
      ('may move the beginning of the chain', has_column_privilege(r.oid, 'public.audit_chain', 'start_position', 'update')
        or has_column_privilege(r.oid, 'public.audit_chain', 'start_digest', 'update')),
      ('may replace the end of the chain', has_any_column_privilege(r.oid, 'public.audit_chain', 'insert')
        or has_table_privilege(r.oid, 'public.audit_chain', 'delete, truncate'))
    ) as w (what, may)
    where w.may and pg_has_role($1, r.oid, 'member')
    order by r.rolname = $1 desc, r.rolname`;

/** A right on the audit log. `description` follows a role's name in messages. `grantee` has the right. */
export type AuditRight = { description: string; grantee: string };

/**
 * Finds the rights of a role on the audit log beyond inserting and reading: its own, those of PUBLIC, and those of
 * roles that it is a member of. For a superuser, returns only that fact.
 */
export async function findExcessAuditRights(client: pg.ClientBase, role: string): Promise<AuditRight[]> {
  const { rows } = await client.query<{ rolname: string; what: string }>(EXCESS_RIGHTS_SQL, [
    role,
    SUPERUSER_EQUIVALENT_ROLES,
  ]);
  const rights = rows.map(({ rolname, what }) => ({ description: what, grantee: rolname }));
  const superuser = rights.find(({ description }) => description === 'is a superuser');
  return superuser ? [superuser] : rights;
}

/** Formats a right of `role`, to follow its name in a message. */
export const formatAuditRight = ({ description, grantee }: AuditRight, role: string) =>
  grantee === role ? description : `${description} (by the role ${grantee})`;

/** Connects to a migrated database and finds the excess rights of the URL's role on the audit log. */
export async function readExcessAuditRights(url: string): Promise<{ role: string; rights: AuditRight[] }> {
  const client = createClient(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ role: string }>('select current_user::text as role');
    const role = rows[0]?.role ?? '';
    return { role, rights: await findExcessAuditRights(client, role) };
  } finally {
    await client.end();
  }
}
