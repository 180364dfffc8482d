import { formatCount } from '#components/format.ts';
import type { AuditEntry } from '#lib/audit/schema.ts';
import { formatLabel, formatValue } from './detail-labels.ts';

export type Change = { label: string; before: string; after: string };
export type Fact = { label: string; value: string };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function formatDetail(key: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return 'None';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'number') return formatCount(value);
  if (typeof value === 'string') return formatValue(key, value);
  // The ids are of no use to an administrator.
  if (key === 'sessions' && Array.isArray(value)) return formatCount(value.length);
  if (!isRecord(value)) return JSON.stringify(value);
  const pairs = Object.entries(value).map(
    ([name, nested]) => `${formatLabel(name, key)}: ${formatDetail(name, nested)}`,
  );
  return pairs.join('; ') || 'None';
}

/** Lists the values that changed, in the order in which they were recorded. */
export function listChanges({ details: { before, after } }: Pick<AuditEntry, 'details'>): Change[] {
  if (!isRecord(before) || !isRecord(after)) return [];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((key) => ({
      label: formatLabel(key),
      before: formatDetail(key, before[key]),
      after: formatDetail(key, after[key]),
    }))
    .filter((change) => change.before !== change.after);
}

const formatUser = (user: AuditEntry['by']) =>
  user &&
  (user.name === null ? user.id : [user.name, user.email ?? 'no email address'].filter(Boolean).join(', '));

/** Lists everything else about an entry. */
export function listFacts(entry: AuditEntry): Fact[] {
  const { by, account, user, details, position, digest } = entry;
  const hasChanges = listChanges(entry).length > 0;
  const rest = Object.entries(details).filter(([key]) => !hasChanges || !/^(before|after)$/.test(key));
  const facts: [string, string | null][] = [
    ['By', formatUser(by)],
    ['API account', account && (account.username ?? account.id)],
    ['User', formatUser(user)],
    ...rest.map(([key, value]): [string, string] => [formatLabel(key), formatDetail(key, value)]),
    ['Place in the log', position === null ? 'None: from before there was a chain' : formatCount(position)],
    ['Digest', digest],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [{ label: name, value }]));
}
