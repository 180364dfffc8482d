import type { AuditEntry } from '#lib/audit/schema.ts';
import { formatLabel, formatValue } from './detail-labels.ts';

export type Change = { label: string; before: string; after: string };
export type Fact = { label: string; value: string };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function inWords(key: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return 'None';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'number') return value.toLocaleString('en-GB');
  if (typeof value === 'string') return formatValue(key, value);
  // Of these, an administrator can use the number, and nothing more.
  if (key === 'sessions' && Array.isArray(value)) return value.length.toLocaleString('en-GB');
  if (!isRecord(value)) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([name, of]) => `${formatLabel(name, key)}: ${inWords(name, of)}`);
  return pairs.join('; ') || 'None';
}

/** What was different afterwards, in the order in which it was written down. */
export function listChanges({ details: { before, after } }: Pick<AuditEntry, 'details'>): Change[] {
  if (!isRecord(before) || !isRecord(after)) return [];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((key) => ({
      label: formatLabel(key),
      before: inWords(key, before[key]),
      after: inWords(key, after[key]),
    }))
    .filter((change) => change.before !== change.after);
}

const person = (of: AuditEntry['by']) =>
  of && (of.name === null ? of.id : [of.name, of.email ?? 'no email address'].filter(Boolean).join(', '));

/** Everything else that is known of an entry. */
export function listFacts(entry: AuditEntry): Fact[] {
  const { by, account, user, details, position, digest } = entry;
  const changes = listChanges(entry).length > 0;
  const rest = Object.entries(details).filter(([key]) => !changes || !/^(before|after)$/.test(key));
  const facts: [string, string | null][] = [
    ['By', person(by)],
    ['API account', account && (account.username ?? account.id)],
    ['User', person(user)],
    ...rest.map(([key, value]): [string, string] => [formatLabel(key), inWords(key, value)]),
    [
      'Place in the log',
      position === null ? 'None: from before there was a chain' : position.toLocaleString('en-GB'),
    ],
    ['Digest', digest],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [{ label: name, value }]));
}
