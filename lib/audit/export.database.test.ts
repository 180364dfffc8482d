import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { addUnchainedEvent } from '#lib/testing/audit-log.ts';
import { atScale } from '#lib/testing/scale.ts';
import { digestEntry, NO_DIGEST } from './chain.ts';
import { exportAuditLog } from './export.ts';
import { recordAuditEvent } from './record.ts';
import { auditFilterSchema } from './schema.ts';
import { streamText } from './stream-text.ts';

const NO_FILTER = auditFilterSchema.parse({});

let db: TestDatabase;
let ada: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  ada = await createTestAdministrator(db.database);
  await addUnchainedEvent(db, { action: 'old', age: '1 year' });
  await createTestAccount(db.database, ada, { username: '=Contoso, "Ltd"' });
});
afterAll(() => db.drop());

async function exportText(filter = NO_FILTER, format: 'csv' | 'jsonl' = 'jsonl'): Promise<string> {
  const chunks: string[] = [];
  for await (const chunk of await exportAuditLog(db.database, ada, filter, format)) chunks.push(chunk);
  return chunks.join('');
}

const parseLines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Inserts entries of realistic size. Their digests do not form a chain. */
const insertEntries = (count: number) =>
  db.pool.query(
    `with added as (
       insert into audit_events (id, action, user_id, address, details, position, digest)
       select gen_random_uuid(), 'filled', $2, '192.0.2.1', jsonb_build_object('before', repeat('x', 150), 'n', n),
         position + n, sha256(n::text::bytea) from audit_chain, generate_series(1, $1::int) n)
     update audit_chain set position = position + $1::int`,
    [count, ada.userId],
  );

it('exports lines from which the chain can be verified, up to the export itself', async () => {
  const [old, ...chained] = parseLines(await exportText());
  expect(old).toMatchObject({ action: 'old', position: null, digest: null });
  let previous: Uint8Array = NO_DIGEST;
  for (const [index, { digest, names: _, address: ipAddress, ...entry }] of chained.entries()) {
    expect(entry.position).toBe(index + 1);
    previous = digestEntry(previous, { ...entry, ipAddress });
    expect(Buffer.from(previous).toString('hex')).toBe(digest);
  }
  expect(chained[0]).toMatchObject({ action: 'api_account.created', names: { byName: 'Ada Minister' } });
  expect(chained.at(-1)).toMatchObject({
    action: 'audit.exported',
    userId: ada.userId,
    address: ada.ipAddress,
    details: { format: 'jsonl', filter: {} },
  });
});

it('exports CSV with a byte-order mark and a header, and escapes a username that is a formula', async () => {
  const [header = '', ...lines] = (
    await exportText(auditFilterSchema.parse({ action: 'api_account.created' }), 'csv')
  )
    .trimEnd()
    .split('\r\n');
  expect(header).toMatch(/^\ufeff"position","at","action","outcome","by_name"/);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`"'=Contoso, ""Ltd"""`);
  const { rows } = await db.pool.query(
    "select details from audit_events where action = 'audit.exported' order by position desc limit 1",
  );
  expect(rows[0].details).toEqual({ format: 'csv', filter: { action: 'api_account.created' } });
});

it('fails if the export cannot be recorded', async () => {
  await db.pool.query(
    "alter table audit_events add constraint reject_export check (action <> 'audit.exported') not valid",
  );
  await expect(exportAuditLog(db.database, ada, NO_FILTER, 'csv')).rejects.toThrow();
  await db.pool.query('alter table audit_events drop constraint reject_export');
});

it('exports each existing entry once, and none that is recorded during the export', async () => {
  await insertEntries(3_000);
  const text = await exportAuditLog(db.database, ada, NO_FILTER, 'jsonl');
  const { rows } = await db.pool.query(
    'select count(*)::int as count, max(position)::int as last from audit_events',
  );
  const seen: number[] = [];
  for await (const chunk of text) {
    seen.push(...parseLines(chunk).map(({ position }) => position));
    await withTransaction(db.database, async (transaction) =>
      recordAuditEvent(transaction, 'sign_out', { userId: null }),
    );
  }
  expect(seen).toHaveLength(rows[0].count);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.at(-1)).toBe(rows[0].last);
});

it('stops reading when the stream is cancelled, even if the filter matches nothing', async () => {
  const filter = auditFilterSchema.parse({ action: 'none.such' });
  const text = await exportAuditLog(db.database, ada, filter, 'jsonl');
  const query = vi.spyOn(db.pool, 'query');
  const reader = streamText(text).getReader();
  expect((await reader.read()).value).toHaveLength(0);
  await reader.cancel();
  // One query for the unchained entries, one for the first batch, one in progress. A full export needs at least six.
  expect(query.mock.calls.length).toBeLessThanOrEqual(3);
  query.mockRestore();
});

it('uses constant memory', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const heapUsed = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const thousands = atScale({ normal: 12, soak: 120 });
  for (let added = 0; added < thousands; added += 10) await insertEntries(10_000);
  const text = await exportAuditLog(db.database, ada, NO_FILTER, 'jsonl');
  await text.next();
  const before = heapUsed();
  let [maxGrowth, bytes, chunkCount] = [0, 0, 0];
  for await (const chunk of text) {
    bytes += chunk.length;
    chunkCount += 1;
    if (chunkCount % 10 === 0) maxGrowth = Math.max(maxGrowth, heapUsed() - before);
  }
  expect(bytes).toBeGreaterThan(thousands * 333_000);
  expect(maxGrowth).toBeLessThan(atScale({ normal: 8_000_000, soak: 20_000_000 }));
});
