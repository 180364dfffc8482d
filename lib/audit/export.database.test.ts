import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { addUnchained } from '#lib/testing/audit-log.ts';
import { atScale } from '#lib/testing/scale.ts';
import { digestEntry, NO_DIGEST } from './chain.ts';
import { exportAuditLog } from './export.ts';
import { recordAuditEvent } from './record.ts';
import { auditFilterSchema } from './schema.ts';
import { streamText } from './stream-text.ts';

const EVERYTHING = auditFilterSchema.parse({});

let test: TestDatabase;
let ada: Administrator;
beforeAll(async () => {
  test = await createTestDatabase();
  ada = await testAdministrator(test.database);
  await addUnchained(test, 'old', '1 year');
  await testAccount(test.database, ada, { username: '=Contoso, "Ltd"' });
});
afterAll(() => test.drop());

async function whole(filter = EVERYTHING, format: 'csv' | 'jsonl' = 'jsonl'): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of await exportAuditLog(test.database, ada, filter, format)) pieces.push(piece);
  return pieces.join('');
}

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Many entries at once, as long as real ones; their digests are no chain. */
const fill = (count: number) =>
  test.pool.query(
    `with added as (
       insert into audit_events (id, act, user_id, address, details, position, digest)
       select gen_random_uuid(), 'filled', $2, '192.0.2.1', jsonb_build_object('before', repeat('x', 150), 'n', n),
         position + n, sha256(n::text::bytea) from audit_chain, generate_series(1, $1::int) n)
     update audit_chain set position = position + $1::int`,
    [count, ada.userId],
  );

it('gives lines with which the chain can be verified elsewhere, from the oldest to the export itself', async () => {
  const [old, ...chained] = linesOf(await whole());
  expect(old).toMatchObject({ act: 'old', position: null, digest: null });
  let before: Uint8Array = NO_DIGEST;
  for (const [index, { digest, names: _, ...entry }] of chained.entries()) {
    expect(entry.position).toBe(index + 1);
    before = digestEntry(before, entry);
    expect(Buffer.from(before).toString('hex')).toBe(digest);
  }
  expect(chained[0]).toMatchObject({ act: 'api_account.created', names: { byName: 'Ada Minister' } });
  expect(chained.at(-1)).toMatchObject({
    act: 'audit.exported',
    userId: ada.userId,
    address: ada.address,
    details: { format: 'jsonl', filter: {} },
  });
});

it('gives CSV with a head, and a username that is a formula as a text', async () => {
  const [head = '', ...lines] = (await whole(auditFilterSchema.parse({ act: 'api_account.created' }), 'csv'))
    .trimEnd()
    .split('\r\n');
  expect(head).toMatch(/^"position","at","act","outcome","by_name"/);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`"'=Contoso, ""Ltd"""`);
  const { rows } = await test.pool.query(
    "select details from audit_events where act = 'audit.exported' order by position desc limit 1",
  );
  expect(rows[0].details).toEqual({ format: 'csv', filter: { act: 'api_account.created' } });
});

it('is not begun where it cannot be put on record', async () => {
  await test.pool.query(
    "alter table audit_events add constraint no_room check (act <> 'audit.exported') not valid",
  );
  await expect(exportAuditLog(test.database, ada, EVERYTHING, 'csv')).rejects.toThrow();
  await test.pool.query('alter table audit_events drop constraint no_room');
});

it('gives each entry up to its beginning once, and none of those that others write meanwhile', async () => {
  await fill(3_000);
  const text = await exportAuditLog(test.database, ada, EVERYTHING, 'jsonl');
  const { rows } = await test.pool.query(
    'select count(*)::int as count, max(position)::int as last from audit_events',
  );
  const seen: number[] = [];
  for await (const piece of text) {
    seen.push(...linesOf(piece).map(({ position }) => position));
    await withTransaction(test.database, async (transaction) =>
      recordAuditEvent(transaction, 'sign_out', { userId: null }),
    );
  }
  expect(seen).toHaveLength(rows[0].count);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.at(-1)).toBe(rows[0].last);
});

it('ends the reading where the taker goes away, also where a filter finds nothing', async () => {
  const filter = auditFilterSchema.parse({ act: 'none.such' });
  const text = await exportAuditLog(test.database, ada, filter, 'jsonl');
  const query = vi.spyOn(test.pool, 'query');
  const reader = streamText(text).getReader();
  expect((await reader.read()).value).toHaveLength(0);
  await reader.cancel();
  // Of the old entries, of one batch, and of the one under way: there are six.
  expect(query.mock.calls.length).toBeLessThanOrEqual(3);
  query.mockRestore();
});

it('stays as small in memory for many entries as for a few, and reads only what is taken', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const thousands = atScale({ normal: 30, soak: 120 });
  for (let filled = 0; filled < thousands; filled += 10) await fill(10_000);
  const text = await exportAuditLog(test.database, ada, EVERYTHING, 'jsonl');
  await text.next();
  const before = heap();
  let [largest, bytes, pieces] = [0, 0, 0];
  for await (const piece of text) {
    bytes += piece.length;
    pieces += 1;
    if (pieces % 10 === 0) largest = Math.max(largest, heap() - before);
  }
  expect(bytes).toBeGreaterThan(thousands * 333_000);
  expect(largest).toBeLessThan(atScale({ normal: 8_000_000, soak: 20_000_000 }));
}, 300_000);
