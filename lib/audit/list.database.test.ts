import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { getAuditActor } from '#lib/platform/authorization/actor.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestActor } from '#lib/testing/access-tokens.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { anyCharacter } from '#lib/testing/sample.ts';
import { atScale } from '#lib/testing/scale.ts';
import { listAuditLog, listTokensForFilter } from './list.ts';
import { recordAuditEvent } from './record.ts';
import { type AuditFilter, auditFilterSchema } from './schema.ts';

let db: TestDatabase;
let ada: Administrator;
let grace: Administrator;
let northgateId: string;
let southgateId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  ada = await createTestAdministrator(db.database, 'Ada Minister');
  grace = await createTestAdministrator(db.database, 'Grace Hopper');
  northgateId = (
    await createTestAccount(db.database, ada, { username: 'Northgate Gas', email: 'it@northgate.example' })
  ).id;
  southgateId = (
    await createTestAccount(db.database, grace, { username: "South 100%_gate's", email: 'it@south.example' })
  ).id;
  await withTransaction(db.database, async (transaction) => {
    recordAuditEvent(transaction, 'sign_in.failed', {
      userId: null,
      ipAddress: '203.0.113.77',
      outcome: 'refused',
    });
    recordAuditEvent(transaction, 'request.refused', {
      userId: null,
      targetUserId: grace.userId,
      outcome: 'refused',
    });
  });
  await db.pool.query("update audit_events set at = '2026-03-01T00:00:00Z' where action = 'request.refused'");
});
afterAll(() => db.drop());

async function listActions(filter: Partial<AuditFilter>): Promise<string[]> {
  const { entries } = await listAuditLog(db.database, ada, auditFilterSchema.parse(filter));
  return entries.map(({ action, account }) => (account ? `${action} ${account.username}` : action));
}

const NORTHGATE_ENTRIES = ['reveal.started Northgate Gas', 'api_account.created Northgate Gas'];
const SOUTHGATE_ENTRIES = ["reveal.started South 100%_gate's", "api_account.created South 100%_gate's"];

describe('listAuditLog', () => {
  it.each<[string, () => Partial<AuditFilter>, string[]]>([
    [
      'no filter',
      () => ({}),
      ['sign_in.failed', ...SOUTHGATE_ENTRIES, ...NORTHGATE_ENTRIES, 'request.refused'],
    ],
    ['action', () => ({ action: 'sign_in.failed' }), ['sign_in.failed']],
    ['actor', () => ({ by: ada.userId }), NORTHGATE_ENTRIES],
    ['no actor', () => ({ by: 'none' }), ['sign_in.failed', 'request.refused']],
    ['account by id', () => ({ account: northgateId }), NORTHGATE_ENTRIES],
    ['account by part of its name, case-insensitively', () => ({ account: 'NORTHG' }), NORTHGATE_ENTRIES],
    ['account that does not exist', () => ({ account: 'no such' }), []],
    ['user', () => ({ user: grace.userId }), ['request.refused']],
    ['outcome', () => ({ outcome: 'refused' }), ['sign_in.failed', 'request.refused']],
    ['last day', () => ({ to: '2026-03-01' }), ['request.refused']],
    ['last day, one day earlier', () => ({ to: '2026-02-28' }), []],
    ['first and last day', () => ({ from: '2026-03-01', to: '2026-03-01' }), ['request.refused']],
    ['first day', () => ({ from: '2026-03-02', action: 'request.refused' }), []],
    ['search for a username', () => ({ search: 'northgate g' }), NORTHGATE_ENTRIES],
    ['search for an account’s email address', () => ({ search: '@south.example' }), SOUTHGATE_ENTRIES],
    [
      'search for a user, as actor or affected',
      () => ({ search: 'hopper' }),
      [...SOUTHGATE_ENTRIES, 'request.refused'],
    ],
    ['search for a user’s email address', () => ({ search: ada.email }), NORTHGATE_ENTRIES],
    ['search for an IP address', () => ({ search: '203.0.113.' }), ['sign_in.failed']],
    ['search for an IP address in another form', () => ({ search: '::ffff:cb00:714d' }), ['sign_in.failed']],
    ['search for an IP address with a port', () => ({ search: '203.0.113.77:4711' }), ['sign_in.failed']],
    ['search with pattern characters', () => ({ search: '100%_' }), SOUTHGATE_ENTRIES],
    ['search for a username with a typographic quote', () => ({ search: 'gate’s' }), SOUTHGATE_ENTRIES],
    ['account with a typographic quote', () => ({ account: 'GATE’S' }), SOUTHGATE_ENTRIES],
    ['search without a match', () => ({ search: '%x' }), []],
    [
      'several filters',
      () => ({ search: 'gate', by: ada.userId, action: 'reveal.started' }),
      ['reveal.started Northgate Gas'],
    ],
  ])('filters by %s', async (_, filter, expected) => {
    expect(await listActions(filter())).toEqual(expected);
  });

  it.each([
    '2026-99-01T00:00:00.000000Z 0198f0a0-0000-7000-8000-000000000000',
    '2026-02-31T00:00:00.000000Z 0198f0a0-0000-7000-8000-000000000000',
    '2026-01-01T00:00:00.000000Z ------------------------------------',
  ])('ignores the malformed cursor %s', async (cursor) => {
    const after = Buffer.from(cursor).toString('base64url');
    const all = auditFilterSchema.parse({});
    expect(await listAuditLog(db.database, ada, all, { after })).toEqual(
      await listAuditLog(db.database, ada, all),
    );
  });

  it('ignores malformed filters and cursors without failing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.constantFrom('search', 'action', 'by', 'account', 'user', 'outcome', 'from', 'to'),
          fc.oneof(fc.string({ unit: anyCharacter }), fc.array(fc.string())),
        ),
        async (input) => {
          const filter = auditFilterSchema.parse(input);
          await listAuditLog(db.database, ada, filter, { after: 'x', before: String(input.action) });
        },
      ),
      { numRuns: atScale({ normal: 15, soak: 100 }) },
    );
  });

  it('lists all fields of an entry, with null names for deleted users and accounts', async () => {
    const deletedId = '01a20000-0000-7000-8000-000000000001';
    await withTransaction(db.database, async (transaction) =>
      recordAuditEvent(transaction, 'api_key.reset', {
        userId: deletedId,
        accountId: deletedId,
        targetUserId: deletedId,
        details: { a: 1 },
      }),
    );
    const { entries } = await listAuditLog(db.database, ada, auditFilterSchema.parse({ by: deletedId }));
    expect(entries).toMatchObject([
      {
        action: 'api_key.reset',
        outcome: 'done',
        by: { id: deletedId, name: null, email: null },
        account: { id: deletedId, username: null },
        user: { id: deletedId, name: null },
        ipAddress: null,
        details: { a: 1 },
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    const text = JSON.stringify(await listAuditLog(db.database, ada, auditFilterSchema.parse({})));
    expect(text).not.toContain('passwordHash');
  });

  it('lists what an access token did, and finds it by the id and the name of the token', async () => {
    const token = await createTestActor(db.database, 'accounts:write');
    await withTransaction(db.database, async (transaction) =>
      recordAuditEvent(transaction, 'api_key.reset', { ...getAuditActor(token), accountId: southgateId }),
    );
    const list = async (filter: Partial<AuditFilter>) =>
      (await listAuditLog(db.database, ada, auditFilterSchema.parse({ action: 'api_key.reset', ...filter })))
        .entries;
    const accessToken = { id: token.accessTokenId, name: token.name };
    const entry = { by: null, accessToken, ipAddress: token.ipAddress };
    expect(await list({ by: token.accessTokenId })).toMatchObject([entry]);
    expect(await list({ search: token.name.slice(2).toUpperCase() })).toMatchObject([entry]);
    expect(await list({ by: 'none', account: southgateId })).toEqual([]);
    expect(await listTokensForFilter(db.database, ada)).toEqual([accessToken]);
  });

  it('pages forwards and backwards without gaps or repetitions while entries are added', async () => {
    await withTransaction(db.database, async (transaction) => {
      for (let index = 0; index < 23; index += 1)
        recordAuditEvent(transaction, 'sign_out', { userId: grace.userId, accountId: southgateId });
    });
    const filter = auditFilterSchema.parse({ action: 'sign_out' });
    const readPage = (cursors: { after?: string; before?: string }) =>
      listAuditLog(db.database, ada, filter, cursors, 5);
    const seen: (number | null)[] = [];
    let current = await readPage({});
    expect(current.newer).toBeNull();
    for (;;) {
      seen.push(...current.entries.map(({ position }) => position));
      await withTransaction(db.database, async (transaction) =>
        recordAuditEvent(transaction, 'sign_out', { userId: null }),
      );
      if (!current.older) break;
      current = await readPage({ after: current.older });
    }
    expect(seen).toHaveLength(23);
    expect(seen).toEqual(seen.toSorted((one, other) => Number(other) - Number(one)));
    const seenBackwards: (number | null)[] = [];
    while (current.newer) {
      current = await readPage({ before: current.newer });
      seenBackwards.unshift(...current.entries.map(({ position }) => position));
    }
    // The last page, of three entries, is where the way back began.
    expect(seenBackwards.slice(-20)).toEqual(seen.slice(0, 20));
  });

  it('leads back from a page whose entries were all deleted', async () => {
    const own = await createTestDatabase();
    const reader = await createTestAdministrator(own.database);
    const filter = auditFilterSchema.parse({});
    const readPage = (cursors: { after?: string; before?: string }) =>
      listAuditLog(own.database, reader, filter, cursors, 5);
    await withTransaction(own.database, async (transaction) => {
      for (let index = 0; index < 8; index += 1) recordAuditEvent(transaction, 'sign_out', { userId: null });
    });
    const first = await readPage({});
    const second = await readPage({ after: first.older ?? '' });
    expect(second.entries).toHaveLength(3);
    const shown = first.entries.map(({ id }) => id);
    await own.pool.query('delete from audit_events where id <> all ($1)', [shown]);
    const emptyOlder = await readPage({ after: first.older ?? '' });
    expect(emptyOlder).toMatchObject({ entries: [], older: null });
    expect((await readPage({ before: emptyOlder.newer ?? '' })).entries).toEqual(first.entries);
    await own.pool.query('delete from audit_events where id <> $1', [shown.at(-1)]);
    const emptyNewer = await readPage({
      before: Buffer.from(`9999-12-31T00:00:00.000000Z ${shown[0]}`).toString('base64url'),
    });
    expect(emptyNewer).toMatchObject({ entries: [], newer: null, older: expect.any(String) });
    expect((await readPage({ after: emptyNewer.older ?? '' })).entries.map(({ id }) => id)).toEqual(
      shown.slice(-1),
    );
    await own.drop();
  });
});
