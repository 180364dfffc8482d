import { capitalize } from '#components/format.ts';
import type { AuditEntry, NamedUser } from '#lib/audit/schema.ts';
import { EVENT_LABELS, formatMessageKind } from './event-labels.ts';
import { getUserValues, USER_TEMPLATES } from './user-templates.ts';

/** A part of a sentence. A name or an email address (`isName`) is shown in bold and must not be translated. */
type Part = { text: string; isName: boolean };

// Stagedoor keeps the names of users and of deleted accounts, but an operator may have deleted a row in the database.
const DELETED_USER = 'a deleted user';
const DELETED_ACCOUNT = 'a deleted API account';

function formatUser(user: NamedUser | null): Part {
  if (!user) return { text: 'an unknown user', isName: false };
  if (user.name === null) return { text: DELETED_USER, isName: false };
  // An invited user has no name yet.
  return { text: user.name || user.email || DELETED_USER, isName: true };
}

function formatAccount({ account, details }: AuditEntry): Part {
  const usernameAtCreation = typeof details.username === 'string' ? details.username : null;
  const username = account?.username ?? usernameAtCreation;
  return username === null ? { text: DELETED_ACCOUNT, isName: false } : { text: username, isName: true };
}

/** Formats the name of a scope, an access token or a webhook endpoint, or a previous or new name or email address. */
const formatNameOrEmail = (value: unknown): Part =>
  typeof value === 'string' && value !== '' ? { text: value, isName: true } : { text: 'none', isName: false };

function formatActor({ by, accessToken }: AuditEntry): Part[] {
  if (by) return [formatUser(by)];
  if (!accessToken) return [{ text: 'Stagedoor', isName: false }];
  if (accessToken.name === null) return [{ text: 'a deleted access token', isName: false }];
  return [
    { text: 'access token ', isName: false },
    { text: accessToken.name, isName: true },
  ];
}

const PLACEHOLDER_FORMATTERS: Record<string, (entry: AuditEntry) => Part | Part[]> = {
  by: formatActor,
  user: ({ user }) => formatUser(user),
  account: formatAccount,
  subject: (entry) => (entry.account || !entry.user ? formatAccount(entry) : formatUser(entry.user)),
  scope: ({ details }) => formatNameOrEmail(details.scope),
  accessToken: ({ details }) => formatNameOrEmail(details.accessToken),
  webhookEndpoint: ({ details }) => formatNameOrEmail(details.webhookEndpoint),
  days: ({ details }) => ({ text: String(details.olderThanDays), isName: false }),
  message: ({ details }) => ({ text: formatMessageKind(details.kind), isName: false }),
  emailBefore: ({ details }) => formatNameOrEmail(getUserValues(details, 'before').email),
  emailAfter: ({ details }) => formatNameOrEmail(getUserValues(details, 'after').email),
  nameBefore: ({ details }) => formatNameOrEmail(getUserValues(details, 'before').name),
  nameAfter: ({ details }) => formatNameOrEmail(getUserValues(details, 'after').name),
};

/** Returns a template for an action that only another version labels: "{by}: api account, merged ({account})". */
function getDefaultTemplate({ action, account, user }: AuditEntry): string {
  const subject = account ? ' ({account})' : user ? ' ({user})' : '';
  return `{by}: ${action.replaceAll('_', ' ').replaceAll('.', ', ')}${subject}`;
}

function getTemplate(entry: AuditEntry): string {
  const label = EVENT_LABELS[entry.action];
  const { user, details } = entry;
  const by = entry.by ?? entry.accessToken;
  if (!by && !user && label?.withoutUsers) {
    return label.withoutUsers[String(details.method)] ?? label.withoutUsers.other;
  }
  const userTemplate = USER_TEMPLATES[entry.action]?.(entry);
  if (userTemplate) return userTemplate;
  return (!by && label?.withoutActor) || (label?.sentence ?? getDefaultTemplate(entry));
}

/** Describes an entry as the parts of a sentence without a full stop. */
export function describeEntry(entry: AuditEntry): Part[] {
  const parts = getTemplate(entry)
    .split(/\{(\w+)\}/)
    .flatMap((piece, index): Part | Part[] => {
      const format = index % 2 === 1 ? PLACEHOLDER_FORMATTERS[piece] : undefined;
      return format ? format(entry) : { text: piece, isName: false };
    });
  return parts
    .filter(({ text }) => text !== '')
    .map((part, index) => (index === 0 && !part.isName ? { ...part, text: capitalize(part.text) } : part));
}

/** Formats the outcome for the badge; null if the action succeeded, because then there is no badge. */
export function formatOutcome({ action, outcome }: Pick<AuditEntry, 'action' | 'outcome'>): string | null {
  return outcome === 'done' ? null : (EVENT_LABELS[action]?.refusedBadge ?? 'Blocked');
}
