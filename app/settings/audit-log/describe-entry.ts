import { capitalize } from '#components/format.ts';
import type { AuditEntry, NamedUser } from '#lib/audit/schema.ts';
import { EVENT_LABELS, formatMessageKind } from './event-labels.ts';
import { getValues, USER_EDIT_LABELS } from './user-edit-labels.ts';

/** A part of a sentence; `name`: whether it is the name of a user or a company, which is set in bold. */
type Part = { text: string; name: boolean };

const DELETED_USER = 'a deleted user';
const DELETED_ACCOUNT = 'a deleted API account';

function formatUser(user: NamedUser | null): Part {
  if (!user) return { text: 'an unknown user', name: false };
  if (user.name === null) return { text: DELETED_USER, name: false };
  // An invited user has no name yet.
  return { text: user.name || user.email || DELETED_USER, name: true };
}

function formatAccount({ account, details }: AuditEntry): Part {
  const usernameAtCreation = typeof details.username === 'string' ? details.username : null;
  const username = account?.username ?? usernameAtCreation;
  return username === null ? { text: DELETED_ACCOUNT, name: false } : { text: username, name: true };
}

/** Formats a previous or new name or address. */
const formatTyped = (value: unknown): Part =>
  typeof value === 'string' && value !== '' ? { text: value, name: true } : { text: 'none', name: false };

const PLACEHOLDERS: Record<string, (entry: AuditEntry) => Part> = {
  by: ({ by }) => (by ? formatUser(by) : { text: 'Stagedoor', name: false }),
  user: ({ user }) => formatUser(user),
  account: formatAccount,
  subject: (entry) => (entry.account || !entry.user ? formatAccount(entry) : formatUser(entry.user)),
  days: ({ details }) => ({ text: String(details.olderThanDays), name: false }),
  message: ({ details }) => ({ text: formatMessageKind(details.kind), name: false }),
  emailBefore: ({ details }) => formatTyped(getValues(details, 'before').email),
  emailAfter: ({ details }) => formatTyped(getValues(details, 'after').email),
  nameBefore: ({ details }) => formatTyped(getValues(details, 'before').name),
  nameAfter: ({ details }) => formatTyped(getValues(details, 'after').name),
};

/** Returns the template for an action without a label: "{by}: api account, deleted ({account})". */
function getDefaultTemplate({ action, account, user }: AuditEntry): string {
  const subject = account ? ' ({account})' : user ? ' ({user})' : '';
  return `{by}: ${action.replaceAll('_', ' ').replaceAll('.', ', ')}${subject}`;
}

function getTemplate(entry: AuditEntry): string {
  const label = EVENT_LABELS[entry.action];
  const { by, user, details } = entry;
  if (!by && !user && label?.withoutUsers) {
    return label.withoutUsers[String(details.method)] ?? label.withoutUsers.other;
  }
  const edit = USER_EDIT_LABELS[entry.action]?.(entry);
  if (edit) return edit;
  return (!by && label?.withoutActor) || (label?.sentence ?? getDefaultTemplate(entry));
}

/** Describes an entry as a sentence without a full stop. */
export function describeEntry(entry: AuditEntry): Part[] {
  const parts = getTemplate(entry)
    .split(/\{(\w+)\}/)
    .map((piece, index): Part => {
      const format = index % 2 === 1 ? PLACEHOLDERS[piece] : undefined;
      return format ? format(entry) : { text: piece, name: false };
    });
  return parts
    .filter(({ text }) => text !== '')
    .map((part, index) => (index === 0 && !part.name ? { ...part, text: capitalize(part.text) } : part));
}

/** Formats the outcome for the badge; null if the action succeeded, which needs none. */
export function formatOutcome({ action, outcome }: Pick<AuditEntry, 'action' | 'outcome'>): string | null {
  return outcome === 'done' ? null : (EVENT_LABELS[action]?.refusedBadge ?? 'Blocked');
}
