import type { AuditEntry } from '#lib/audit/schema.ts';

export type Change = { label: string; before: string; after: string };
export type Fact = { label: string; value: string };

const LABELS: Record<string, string> = {
  email: 'Email address',
  phone: 'Phone number',
  requestsPerMinute: 'Requests per minute',
  active: 'Active',
  name: 'Name',
  role: 'Role',
  username: 'Username',
  revealId: 'Reveal',
  linkTries: 'Tries on this link so far',
  messageId: 'Message',
  kind: 'Kind',
  channel: 'Sent by',
  provider: 'Provider',
  failure: 'Why',
  format: 'Format',
  filter: 'Filters',
  entries: 'Entries',
  olderThanDays: 'Older than (days)',
  upToPosition: 'Up to place',
};

const VALUES: Record<string, string> = {
  settings_administrator: 'Settings Administrator',
  settings_viewer: 'Settings Viewer',
  sms: 'Text message',
  email: 'Email',
  sns: 'Amazon SNS',
  resend: 'Resend',
  twilio: 'Twilio',
  smtp: 'SMTP',
  outbox: 'Outbox',
};
const CODED = new Set(['role', 'channel', 'provider']);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `requestsPerMinute` or `linked_account`, where there are no better words, as "Requests per minute". */
function label(key: string): string {
  const words = key
    .replaceAll(/([A-Z])/g, ' $1')
    .replaceAll('_', ' ')
    .toLowerCase();
  return LABELS[key] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

function inWords(key: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return 'None';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'number') return value.toLocaleString('en-GB');
  if (typeof value === 'string') return (CODED.has(key) ? VALUES[value] : undefined) ?? value;
  if (!isRecord(value)) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([name, of]) => `${label(name)}: ${inWords(name, of)}`);
  return pairs.join('; ') || 'None';
}

/** What was different afterwards, in the order in which it was written down. */
export function changesOf({ details: { before, after } }: Pick<AuditEntry, 'details'>): Change[] {
  if (!isRecord(before) || !isRecord(after)) return [];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((key) => ({ label: label(key), before: inWords(key, before[key]), after: inWords(key, after[key]) }))
    .filter((change) => change.before !== change.after);
}

const person = (of: AuditEntry['by']) =>
  of && (of.name === null ? of.id : `${of.name}, ${of.email ?? 'no email address'}`);

/** Everything else that is known of an entry. */
export function factsOf(entry: AuditEntry): Fact[] {
  const { by, account, user, details, position, digest } = entry;
  const changes = changesOf(entry).length > 0;
  const rest = Object.entries(details).filter(([key]) => !changes || !/^(before|after)$/.test(key));
  const facts: [string, string | null][] = [
    ['By', person(by)],
    ['API account', account && (account.username ?? account.id)],
    ['User', person(user)],
    ...rest.map(([key, value]): [string, string] => [label(key), inWords(key, value)]),
    [
      'Place in the log',
      position === null ? 'None: from before there was a chain' : position.toLocaleString('en-GB'),
    ],
    ['Digest', digest],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [{ label: name, value }]));
}
