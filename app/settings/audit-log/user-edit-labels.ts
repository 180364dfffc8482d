import type { AuditEntry } from '#lib/audit/schema.ts';
import { formatValue } from './detail-labels.ts';

type Values = { name?: unknown; email?: unknown; role?: unknown };

/** Returns a user's values before or after an edit. */
export const getValues = (details: AuditEntry['details'], when: 'before' | 'after'): Values =>
  typeof details[when] === 'object' && details[when] !== null ? details[when] : {};

const formatRole = (role: unknown) => (typeof role === 'string' ? formatValue('role', role) : null);

function describeRoleChange({ details }: AuditEntry): string | null {
  const was = formatRole(getValues(details, 'before').role);
  const is = formatRole(getValues(details, 'after').role);
  if (was === is) return null;
  if (!was) return `gave {user} the ${is} role`;
  return is ? `changed {user}’s role from ${was} to ${is}` : `removed the ${was} role from {user}`;
}

/** Describes changes of a user's role, email address and name. */
function describeEdit(entry: AuditEntry): string | null {
  const { by, user, details } = entry;
  const [before, after] = [getValues(details, 'before'), getValues(details, 'after')];
  const isSelf = by !== null && by.id === user?.id;
  const role = describeRoleChange(entry);
  const describeField = (what: string) =>
    isSelf ? `their own ${what}` : role ? `their ${what}` : `{user}’s ${what}`;
  const email =
    before.email !== after.email &&
    `changed ${describeField('email address')} from {emailBefore} to {emailAfter}`;
  const name =
    before.name !== after.name && `changed ${describeField('name')} from {nameBefore} to {nameAfter}`;
  const changes = [role, email, name].filter(Boolean);
  if (changes.length > 0) return `{by} ${changes.join(', and ')}`;
  return isSelf ? '{by} edited their own details' : null;
}

function describeClaimedRole(entry: AuditEntry): string | null {
  const change = describeRoleChange(entry);
  if (!change) return null;
  const role = formatRole(getValues(entry.details, 'before').role);
  return entry.outcome === 'refused'
    ? `{user} kept the ${role} role despite single sign-on: there is no other administrator`
    : `Single sign-on ${change}`;
}

/** Formats the role as " as a Settings Viewer"; empty if the entry has none. */
function formatAsRole({ details: { role } }: AuditEntry): string {
  if (role === null) return ' without a role';
  return role === undefined ? '' : ` as a ${formatRole(role)}`;
}

function describeCreation(entry: AuditEntry): string | null {
  const { by, role } = entry.details;
  if (entry.by || (by === undefined && role === undefined)) return null;
  const how =
    by === undefined ? 'at the first start' : by === 'console' ? 'from the command line' : `by ${by}`;
  return `{user} was added ${how}${formatAsRole(entry)}`;
}

const describeConsoleReset = ({ details }: AuditEntry) =>
  details.secondFactorRemoved === true
    ? '{user}’s password was reset from the command line, and their two-step sign-in was removed'
    : null;

/** Templates for actions on users that name the change; null if the entry has no details. */
export const USER_EDIT_LABELS: Record<string, (entry: AuditEntry) => string | null> = {
  'user.edited': describeEdit,
  'user.role_claimed': describeClaimedRole,
  'user.invited': (entry) => `{by} invited {user}${formatAsRole(entry)}`,
  'user.created': describeCreation,
  'password.reset_at_console': describeConsoleReset,
};
