import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { atScale } from '#lib/testing/scale.ts';
import { listAuditLog } from './list.ts';
import { recordAuditEvent } from './record.ts';
import { type AuditFilter, auditFilterSchema } from './schema.ts';

let test: TestDatabase;
let ada: Administrator;
let grace: Administrator;
let northgate: string;
let southgate: string;
beforeAll(async () => {
  test = await createTestDatabase();
  ada = await testAdministrator(test.database, 'Ada Minister');
  grace = await testAdministrator(test.database, 'Grace Hopper');
  northgate = (
    await testAccount(test.database, ada, { username: 'Northgate Gas', email: 'it@northgate.example' })
  ).id;
  southgate = (
    await testAccount(test.database, grace, { username: 'South 100%_gate', email: 'it@south.example' })
  ).id;
  await withTransaction(test.database, async (transaction) => {
    recordAuditEvent(transaction, 'sign_in.failed', {
      userId: null,
      address: '203.0.113.77',
      outcome: 'refused',
    });
    recordAuditEvent(transaction, 'request.refused', {
      userId: null,
      targetUserId: grace.userId,
      outcome: 'refused',
    });
  });
  await test.pool.query("update audit_events set at = '2026-03-01T00:00:00Z' where act = 'request.refused'");
});
afterAll(() => test.drop());

async function acts(filter: Partial<AuditFilter>): Promise<string[]> {
  const { entries } = await listAuditLog(test.database, ada, auditFilterSchema.parse(filter));
  return entries.map(({ act, account }) => (account ? `${act} ${account.username}` : act));
}

const NORTHGATE = ['reveal.started Northgate Gas', 'api_account.created Northgate Gas'];
const SOUTHGATE = ['reveal.started South 100%_gate', 'api_account.created South 100%_gate'];

describe('a filter', () => {
  it.each<[string, () => Partial<AuditFilter>, string[]]>([
    ['none', () => ({}), ['sign_in.failed', ...SOUTHGATE, ...NORTHGATE, 'request.refused']],
    ['act', () => ({ act: 'sign_in.failed' }), ['sign_in.failed']],
    ['by whom', () => ({ by: ada.userId }), NORTHGATE],
    ['by nobody', () => ({ by: 'nobody' }), ['sign_in.failed', 'request.refused']],
    ['account by id', () => ({ account: northgate }), NORTHGATE],
    ['account by a part of its name, in any case', () => ({ account: 'NORTHG' }), NORTHGATE],
    ['account that is not there', () => ({ account: 'no such' }), []],
    ['user', () => ({ user: grace.userId }), ['request.refused']],
    ['outcome', () => ({ outcome: 'refused' }), ['sign_in.failed', 'request.refused']],
    ['the last day', () => ({ to: '2026-03-01' }), ['request.refused']],
    ['the last day, the one before', () => ({ to: '2026-02-28' }), []],
    ['the first day and the last', () => ({ from: '2026-03-01', to: '2026-03-01' }), ['request.refused']],
    ['the first day', () => ({ from: '2026-03-02', act: 'request.refused' }), []],
    ['a search for a username', () => ({ search: 'northgate g' }), NORTHGATE],
    ['a search for an account’s email address', () => ({ search: '@south.example' }), SOUTHGATE],
    [
      'a search for a person, by and to whom',
      () => ({ search: 'hopper' }),
      [...SOUTHGATE, 'request.refused'],
    ],
    ['a search for a person’s email address', () => ({ search: ada.email }), NORTHGATE],
    ['a search for an IP address', () => ({ search: '203.0.113.' }), ['sign_in.failed']],
    ['a search for what has a meaning in patterns', () => ({ search: '100%_' }), SOUTHGATE],
    ['a search for nothing there is', () => ({ search: '%' + 'x' }), []],
    [
      'two at once',
      () => ({ search: 'gate', by: ada.userId, act: 'reveal.started' }),
      ['reveal.started Northgate Gas'],
    ],
  ])('%s', async (_, filter, expected) => {
    expect(await acts(filter())).toEqual(expected);
  });

  it.each([
    '2026-99-01T00:00:00.000000Z 0198f0a0-0000-7000-8000-000000000000',
    '2026-02-31T00:00:00.000000Z 0198f0a0-0000-7000-8000-000000000000',
    '2026-01-01T00:00:00.000000Z ------------------------------------',
  ])('takes the malformed place %s for none', async (place) => {
    const after = Buffer.from(place).toString('base64url');
    const all = auditFilterSchema.parse({});
    expect(await listAuditLog(test.database, ada, all, { after })).toEqual(
      await listAuditLog(test.database, ada, all),
    );
  });

  it('takes what is malformed for nothing, and never fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.constantFrom('search', 'act', 'by', 'account', 'user', 'outcome', 'from', 'to'),
          fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.string())),
        ),
        async (typed) => {
          const filter = auditFilterSchema.parse(typed);
          await listAuditLog(test.database, ada, filter, { after: 'x', before: String(typed.act) });
        },
      ),
      { numRuns: atScale({ normal: 15, soak: 100 }) },
    );
  });
});

it('shows everything an entry has, and who and what is gone as gone', async () => {
  const gone = '01a20000-0000-7000-8000-000000000001';
  await withTransaction(test.database, async (transaction) =>
    recordAuditEvent(transaction, 'api_key.reset', {
      userId: gone,
      accountId: gone,
      targetUserId: gone,
      details: { a: 1 },
    }),
  );
  const { entries } = await listAuditLog(test.database, ada, auditFilterSchema.parse({ by: gone }));
  expect(entries).toMatchObject([
    {
      act: 'api_key.reset',
      outcome: 'done',
      by: { id: gone, name: null, email: null },
      account: { id: gone, username: null },
      user: { id: gone, name: null },
      address: null,
      details: { a: 1 },
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  ]);
  const text = JSON.stringify(await listAuditLog(test.database, ada, auditFilterSchema.parse({})));
  expect(text).not.toContain('passwordHash');
});

it('goes through all pages there and back without leaving out or repeating, while others act', async () => {
  await withTransaction(test.database, async (transaction) => {
    for (let index = 0; index < 23; index += 1)
      recordAuditEvent(transaction, 'sign_out', { userId: grace.userId, accountId: southgate });
  });
  const filter = auditFilterSchema.parse({ act: 'sign_out' });
  const page = (place: { after?: string; before?: string }) =>
    listAuditLog(test.database, ada, filter, place, 5);
  const seen: (number | null)[] = [];
  let current = await page({});
  expect(current.newer).toBeNull();
  for (;;) {
    seen.push(...current.entries.map(({ position }) => position));
    await withTransaction(test.database, async (transaction) =>
      recordAuditEvent(transaction, 'sign_out', { userId: null }),
    );
    if (!current.older) break;
    current = await page({ after: current.older });
  }
  expect(seen).toHaveLength(23);
  expect(seen).toEqual(seen.toSorted((one, other) => Number(other) - Number(one)));
  const back: (number | null)[] = [];
  while (current.newer) {
    current = await page({ before: current.newer });
    back.unshift(...current.entries.map(({ position }) => position));
  }
  expect(back.slice(-18)).toEqual(seen.slice(0, 20).slice(2));
});
