import type { AuditEntry, NamedUser } from '#lib/audit/schema.ts';
import { EVENT_LABELS, formatMessageKind } from './event-labels.ts';
import { USER_EDIT_LABELS, valuesOf } from './user-edit-labels.ts';

/** A piece of a sentence; `name`: of a person or a company, set off from the words. */
export type Part = { text: string; name: boolean };

const GONE_PERSON = 'a user who is no longer there';
const GONE_ACCOUNT = 'an API account that is no longer there';

function person(user: NamedUser | null): Part {
  if (!user) return { text: 'nobody known', name: false };
  if (user.name === null) return { text: GONE_PERSON, name: false };
  // Who was invited has no name yet.
  return { text: user.name || user.email || GONE_PERSON, name: true };
}

function account({ account: of, details }: AuditEntry): Part {
  const asCreated = typeof details.username === 'string' ? details.username : null;
  const username = of?.username ?? asCreated;
  return username === null ? { text: GONE_ACCOUNT, name: false } : { text: username, name: true };
}

/** A name or an address as it was or became: a text that somebody typed. */
const typed = (value: unknown): Part =>
  typeof value === 'string' && value !== '' ? { text: value, name: true } : { text: 'none', name: false };

const FILLERS: Record<string, (entry: AuditEntry) => Part> = {
  by: ({ by }) => (by ? person(by) : { text: 'Stagedoor', name: false }),
  user: ({ user }) => person(user),
  account,
  subject: (entry) => (entry.account || !entry.user ? account(entry) : person(entry.user)),
  message: ({ details }) => ({ text: formatMessageKind(details.kind), name: false }),
  emailBefore: ({ details }) => typed(valuesOf(details, 'before').email),
  emailAfter: ({ details }) => typed(valuesOf(details, 'after').email),
  nameBefore: ({ details }) => typed(valuesOf(details, 'before').name),
  nameAfter: ({ details }) => typed(valuesOf(details, 'after').name),
};

/** For an act that has no words: "api account · deleted". */
function byName({ act, account: of, user }: AuditEntry): string {
  const subject = of ? ' ({account})' : user ? ' ({user})' : '';
  return `{by}: ${act.replaceAll('_', ' ').replaceAll('.', ', ')}${subject}`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function templateOf(entry: AuditEntry): string {
  const words = EVENT_LABELS[entry.act];
  const { by, user, details } = entry;
  if (!by && !user && words?.aboutNobody) {
    return words.aboutNobody[String(details.method)] ?? words.aboutNobody.other;
  }
  const told = USER_EDIT_LABELS[entry.act]?.(entry);
  if (told) return told;
  return (!by && words?.byNobody) || (words?.sentence ?? byName(entry));
}

/** An entry as a plain sentence, without its full stop. */
export function describeEntry(entry: AuditEntry): Part[] {
  const parts = templateOf(entry)
    .split(/\{(\w+)\}/)
    .map((piece, index): Part => {
      const fill = index % 2 === 1 ? FILLERS[piece] : undefined;
      return fill ? fill(entry) : { text: piece, name: false };
    });
  return parts
    .filter(({ text }) => text !== '')
    .map((part, index) => (index === 0 && !part.name ? { ...part, text: capital(part.text) } : part));
}

/** What stands on the badge: how it ended. */
export function formatOutcome({ act, outcome }: Pick<AuditEntry, 'act' | 'outcome'>): string {
  return outcome === 'done' ? 'Done' : (EVENT_LABELS[act]?.refused ?? 'Refused');
}
