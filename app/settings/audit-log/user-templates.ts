import type { AuditEntry } from '#lib/audit/schema.ts';
import { formatValue } from './detail-labels.ts';

type Values = { name?: unknown; email?: unknown; role?: unknown };

/** Returns a user's values before or after an edit. */
export const getUserValues = (details: AuditEntry['details'], when: 'before' | 'after'): Values =>
  typeof details[when] === 'object' && details[when] !== null ? details[when] : {};

const formatRecordedRole = (role: unknown) => (typeof role === 'string' ? formatValue('role', role) : null);

/** Describes the change of a role, after a subject; null if the role is the same. */
function describeRoleChange({ details }: AuditEntry): string | null {
  const before = formatRecordedRole(getUserValues(details, 'before').role);
  const after = formatRecordedRole(getUserValues(details, 'after').role);
  if (before === after) return null;
  if (!before) return `gave {user} the ${after} role`;
  return after
    ? `changed {user}’s role from ${before} to ${after}`
    : `removed the ${before} role from {user}`;
}

/** Describes changes of a user's role, email address and name. Null if there are none, unless users edited themselves. */
function describeEdit(entry: AuditEntry): string | null {
  const { by, user, details } = entry;
  const [before, after] = [getUserValues(details, 'before'), getUserValues(details, 'after')];
  const isSelf = by !== null && by.id === user?.id;
  const roleChange = describeRoleChange(entry);
  const describeField = (field: string) =>
    isSelf ? `their own ${field}` : roleChange ? `their ${field}` : `{user}’s ${field}`;
  const emailChange =
    before.email !== after.email &&
    `changed ${describeField('email address')} from {emailBefore} to {emailAfter}`;
  const nameChange =
    before.name !== after.name && `changed ${describeField('name')} from {nameBefore} to {nameAfter}`;
  const changes = [roleChange, emailChange, nameChange].filter(Boolean);
  if (changes.length > 0) return `{by} ${changes.join(', and ')}`;
  return isSelf ? '{by} edited their own details' : null;
}

function describeClaimedRole(entry: AuditEntry): string | null {
  const change = describeRoleChange(entry);
  if (!change) return null;
  const role = formatRecordedRole(getUserValues(entry.details, 'before').role);
  return entry.outcome === 'refused'
    ? `{user} kept the ${role} role despite single sign-on: there is no other administrator`
    : `Single sign-on ${change}`;
}

/** Formats the recorded role as " as a Settings Viewer" or " without a role"; empty if none was recorded. */
function formatAsRole({ details: { role } }: AuditEntry): string {
  if (role === null) return ' without a role';
  return role === undefined ? '' : ` as a ${formatRecordedRole(role)}`;
}

/**
 * Describes how a user was added without an administrator. `details.by` is "console" or "single sign-on", and is not
 * set for the first administrator. Null for old entries, which recorded neither it nor the role.
 */
function describeCreation(entry: AuditEntry): string | null {
  const { by: addedBy, role } = entry.details;
  if (entry.by || (addedBy === undefined && role === undefined)) return null;
  const how =
    addedBy === undefined
      ? 'at the first start'
      : addedBy === 'console'
        ? 'from the command line'
        : `by ${addedBy}`;
  return `{user} was added ${how}${formatAsRole(entry)}`;
}

const describeConsoleReset = ({ details }: AuditEntry) =>
  details.secondFactorRemoved === true
    ? '{user}’s password was reset from the command line, and their two-step sign-in was removed'
    : null;

/** An access token can be refused only because it has not the scope. */
const describeMissingScope = ({ accessToken }: AuditEntry) =>
  accessToken ? '{by} made a request that needs the scope {scope}' : null;

/** Maps actions on users to functions that return a template with what changed, or null if it is not recorded. */
export const USER_TEMPLATES: Record<string, (entry: AuditEntry) => string | null> = {
  'user.edited': describeEdit,
  'user.role_claimed': describeClaimedRole,
  'user.invited': (entry) => `{by} invited {user}${formatAsRole(entry)}`,
  'user.created': describeCreation,
  'password.reset_at_console': describeConsoleReset,
  'request.refused': describeMissingScope,
};
