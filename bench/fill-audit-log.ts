import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { type ChainedEntry, digestEntry, NO_DIGEST } from '#lib/audit/chain.ts';

const BATCH = 5_000;
const ACTS = ['sign_in.succeeded', 'sign_in.failed', 'api_account.edited', 'api_key.reset', 'message.sent'];
const BEGUN = Date.parse('2025-01-01T00:00:00Z');

const INSERT = `
  insert into audit_events
    (id, at, act, outcome, user_id, account_id, target_user_id, address, details, position, digest)
  select id, at::timestamptz, act, outcome, "userId", "accountId", "targetUserId", address, details, position,
    decode(digest, 'hex')
  from json_to_recordset($1::json) as entry (id uuid, at text, act text, outcome text, "userId" uuid,
    "accountId" uuid, "targetUserId" uuid, address text, details jsonb, position bigint, digest text)`;

type Named = { users: string[]; accounts: string[] };

const oneOf = <T>(all: T[], place: number): T | null => all[place % all.length] ?? null;

/** An entry as large as most: an edit with what was before and after; one every half minute. */
function entryAt(position: number, { users, accounts }: Named): ChainedEntry {
  const email = `it-${position}@company.example`;
  return {
    id: uuidv7(),
    at: new Date(BEGUN + position * 30_000).toISOString().replace('Z', '000Z'),
    act: ACTS[position % ACTS.length] ?? '',
    outcome: position % 7 === 0 ? 'refused' : 'done',
    userId: oneOf(users, position),
    accountId: oneOf(accounts, position),
    targetUserId: null,
    address: `192.0.${position % 256}.${(position >> 8) % 256}`,
    details: { before: { email, phone: '+447894123456' }, after: { email: `new-${email}` } },
    position,
  };
}

/** Fills an empty audit log with entries whose chain is right. */
export async function fillAuditLog({ $client: pool }: Database, count: number, named: Named): Promise<void> {
  let digest: Buffer = NO_DIGEST;
  for (let from = 1; from <= count; from += BATCH) {
    const positions = Array.from({ length: Math.min(BATCH, count - from + 1) }, (_, index) => from + index);
    const entries = positions.map((position) => {
      const entry = entryAt(position, named);
      digest = digestEntry(digest, entry);
      return { ...entry, digest: digest.toString('hex') };
    });
    await pool.query(INSERT, [JSON.stringify(entries)]);
  }
  await pool.query('update audit_chain set position = $1, digest = $2', [count, digest]);
  // What adding them leaves to do is done now, and not while something is measured.
  await pool.query('vacuum analyze audit_events');
}
