import type { AuditEntry } from '#lib/audit/schema.ts';
import { formatValue } from './detail-labels.ts';

type Values = { name?: unknown; email?: unknown; role?: unknown };

/** What an edit of a user left behind it, or found. */
export const valuesOf = (details: AuditEntry['details'], when: 'before' | 'after'): Values =>
  typeof details[when] === 'object' && details[when] !== null ? details[when] : {};

const formatRole = (role: unknown) => (typeof role === 'string' ? formatValue('role', role) : null);

function roleChange({ details }: AuditEntry): string | null {
  const was = formatRole(valuesOf(details, 'before').role);
  const is = formatRole(valuesOf(details, 'after').role);
  if (was === is) return null;
  if (is) return `made {user} a ${is}${was ? ` instead of a ${was}` : ''}`;
  return `took the role ${was} from {user}`;
}

/** What was changed of a user: their role, their email address, their name. */
function edited(entry: AuditEntry): string | null {
  const { by, user, details } = entry;
  const [before, after] = [valuesOf(details, 'before'), valuesOf(details, 'after')];
  const isOwn = by !== null && by.id === user?.id;
  const role = roleChange(entry);
  const whose = (what: string) =>
    isOwn ? `their own ${what}` : role ? `their ${what}` : `the ${what} of {user}`;
  const email =
    before.email !== after.email && `changed ${whose('email address')} from {emailBefore} to {emailAfter}`;
  const name = before.name !== after.name && `changed ${whose('name')} from {nameBefore} to {nameAfter}`;
  const changes = [role, email, name].filter(Boolean);
  if (changes.length > 0) return `{by} ${changes.join(', and ')}`;
  return isOwn ? '{by} edited their own details' : null;
}

function claimed(entry: AuditEntry): string | null {
  const change = roleChange(entry);
  if (!change) return null;
  const role = formatRole(valuesOf(entry.details, 'before').role);
  return entry.outcome === 'refused'
    ? `{user} kept the role ${role}, though their provider gives another one: no other administrator is left`
    : `Single sign-on ${change}, as their provider says`;
}

/** `as a Settings Viewer`; nothing where the entry does not say. */
function asRole({ details: { role } }: AuditEntry): string {
  if (role === null) return ' without a role';
  return role === undefined ? '' : ` as a ${formatRole(role)}`;
}

function added(entry: AuditEntry): string | null {
  const { by, role } = entry.details;
  if (entry.by || (by === undefined && role === undefined)) return null;
  const how = by === undefined ? 'at the first start' : by === 'console' ? 'at the console' : `by ${by}`;
  return `{user} was added ${how}${asRole(entry)}`;
}

const resetAtConsole = ({ details }: AuditEntry) =>
  details.secondFactorRemoved === true
    ? 'The password of {user} was reset at the console, and their second factor was removed'
    : null;

/** Acts on users whose sentence says what was changed; null where the entry does not say. */
export const USER_EDIT_LABELS: Record<string, (entry: AuditEntry) => string | null> = {
  'user.edited': edited,
  'user.role_claimed': claimed,
  'user.invited': (entry) => `{by} invited {user}${asRole(entry)}`,
  'user.created': added,
  'password.reset_at_console': resetAtConsole,
};
