import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { type ChainedEntry, digestEntry, NO_DIGEST } from '#lib/audit/chain.ts';
import { ERASABLE_DIGEST, sealErasableDetails } from '#lib/audit/erasable-details.ts';

const BATCH = 5_000;
const ACTIONS = [
  'sign_in.succeeded',
  'sign_in.failed',
  'api_account.edited',
  'api_key.reset',
  'message.sent',
];
const FIRST_ENTRY_AT = Date.parse('2025-01-01T00:00:00Z');

const INSERT = `
  insert into audit_events
    (id, at, action, outcome, user_id, account_id, target_user_id, address, details, position, digest)
  select id, at::timestamptz, action, outcome, "userId", "accountId", "targetUserId", "ipAddress", details, position,
    decode(digest, 'hex')
  from json_to_recordset($1::json) as entry (id uuid, at text, action text, outcome text, "userId" uuid,
    "accountId" uuid, "targetUserId" uuid, "ipAddress" text, details jsonb, position bigint, digest text)`;

const INSERT_ERASABLE = `
  insert into audit_erasable_details select id, decode(salt, 'hex'), details
  from json_to_recordset($1::json) as row (id uuid, salt text, details jsonb)`;

/** The ids that entries refer to. */
type EntryIds = { users: string[]; accounts: string[] };

const pick = <T>(values: T[], index: number): T | null => values[index % values.length] ?? null;

/** Creates an entry of typical size, with the values before and after an edit. There is one every 30 seconds. */
function createEntry(position: number, { users, accounts }: EntryIds): ChainedEntry {
  const email = `it-${position}@company.example`;
  return {
    id: uuidv7(),
    at: new Date(FIRST_ENTRY_AT + position * 30_000).toISOString().replace('Z', '000Z'),
    action: ACTIONS[position % ACTIONS.length] ?? '',
    outcome: position % 7 === 0 ? 'refused' : 'done',
    userId: pick(users, position),
    accountId: pick(accounts, position),
    targetUserId: null,
    ipAddress: `192.0.${position % 256}.${(position >> 8) % 256}`,
    details: { before: { email, phone: '+447894123456' }, after: { email: `new-${email}` } },
    position,
  };
}

/** Moves the details of an edit out of the entry, as `recordAuditEvent` does. */
function sealEdit(entry: ChainedEntry) {
  const { salt, details, digest } = sealErasableDetails(entry.details as Record<string, unknown>);
  const row = { id: entry.id, salt: salt.toString('hex'), details };
  return { entry: { ...entry, details: { [ERASABLE_DIGEST]: digest } }, row };
}

/** Fills an empty audit log with entries that form a valid chain. */
export async function fillAuditLog({ $client: pool }: Database, count: number, ids: EntryIds): Promise<void> {
  let digest: Buffer = NO_DIGEST;
  for (let from = 1; from <= count; from += BATCH) {
    const positions = Array.from({ length: Math.min(BATCH, count - from + 1) }, (_, index) => from + index);
    const erasableRows: unknown[] = [];
    const entries = positions.map((position) => {
      let entry = createEntry(position, ids);
      if (entry.action === 'api_account.edited') {
        const sealed = sealEdit(entry);
        entry = sealed.entry;
        erasableRows.push(sealed.row);
      }
      digest = digestEntry(digest, entry);
      return { ...entry, digest: digest.toString('hex') };
    });
    await pool.query(INSERT, [JSON.stringify(entries)]);
    await pool.query(INSERT_ERASABLE, [JSON.stringify(erasableRows)]);
  }
  await pool.query('update audit_chain set position = $1, digest = $2', [count, digest]);
  // Finish the maintenance work of the inserts now, so that it does not disturb a measurement.
  await pool.query('vacuum analyze audit_events, audit_erasable_details');
}
