import { formatCount } from '#components/format.ts';
import { formatExact } from '#components/format-time.ts';
import type { AuditEntry } from '#lib/audit/schema.ts';
import { FILTER_LABELS, formatLabel, formatValue } from './detail-labels.ts';

export type Change = { label: string; before: string; after: string };
export type Detail = { label: string; value: string };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A time, as JSON has it. */
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function formatDetail(key: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return 'None';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'number') return formatCount(value);
  if (typeof value === 'string' && ISO_TIME.test(value)) return formatExact(new Date(value), 'UTC');
  if (typeof value === 'string') return formatValue(key, value);
  // Shows how many, because an administrator cannot use the ids.
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

const formatToken = (token: AuditEntry['accessToken']) => token && `Access token ${token.name ?? token.id}`;

const formatNameAndEmail = (user: AuditEntry['by']) =>
  user &&
  (user.name === null ? user.id : [user.name, user.email ?? 'no email address'].filter(Boolean).join(', '));

/** Details that identify rows of the database. Support needs them, but most administrators do not. */
const TECHNICAL_DETAILS = new Set([
  'messageId',
  'revealId',
  'changeId',
  'accessTokenId',
  'webhookEndpointId',
  'deliveryId',
  'upToPosition',
]);

const dropMissing = (details: [string, string | null][]): Detail[] =>
  details.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));

function formatDetails({ details }: AuditEntry, isWanted: (key: string) => boolean): [string, string][] {
  // They are equal if what had changed was erased. The changes are in a table of their own.
  const hidesValues = isRecord(details.before) && isRecord(details.after);
  return Object.entries(details)
    .filter(([key]) => isWanted(key) && !(hidesValues && /^(before|after)$/.test(key)))
    .map(([key, value]) => [formatLabel(key), formatDetail(key, value)]);
}

/** Lists the actor, the account, the affected user and the recorded details, except technical ones. */
export function listDetails(entry: AuditEntry): Detail[] {
  const { by, accessToken, account, user } = entry;
  return dropMissing([
    [FILTER_LABELS.by, formatNameAndEmail(by) ?? formatToken(accessToken)],
    [FILTER_LABELS.account, account && (account.username ?? account.id)],
    [FILTER_LABELS.user, formatNameAndEmail(user)],
    ...formatDetails(entry, (key) => !TECHNICAL_DETAILS.has(key)),
  ]);
}

/** Lists the technical details, the entry's number in the chain and its digest. */
export function listTechnicalDetails(entry: AuditEntry): Detail[] {
  const { position, digest } = entry;
  return dropMissing([
    ...formatDetails(entry, (key) => TECHNICAL_DETAILS.has(key)),
    ['Entry number', position === null ? '—' : formatCount(position)],
    ['Digest', digest],
  ]);
}
