import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { withTransaction } from '#db/with-transaction.ts';
import {
  addUnchainedEvent,
  createTestAuditLog,
  recomputeDigests,
  type TestAuditLog,
} from '#lib/testing/audit-log.ts';
import { recordAuditEvent } from './record.ts';
import { verifyAuditLog } from './verify.ts';
import type { Checkpoint } from './verify-ends.ts';

const ENTRIES = 12;
const DIGEST_MISMATCH = "Entry 5 doesn't match its digest";
let db: TestAuditLog;
beforeAll(async () => {
  db = await createTestAuditLog(ENTRIES);
});
afterEach(() => db.restore());
afterAll(() => db.drop());

const tamper = (statement: string) => db.pool.query(statement);
const verify = (checkpoints: Checkpoint[] = []) => verifyAuditLog(db.database, checkpoints);

describe('verifyAuditLog', () => {
  it('accepts an intact log, and returns its last entry', async () => {
    const result = await verify();
    expect(result).toMatchObject({
      checked: ENTRIES,
      unchained: 0,
      pruned: 0,
      violation: null,
      checkpointsBeforeStart: [],
    });
    expect(result.last).toEqual({
      position: ENTRIES,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      at: expect.stringMatching(/\.\d{6}Z$/),
    });
    // Several checkpoints may have the same position.
    expect(await verify([result.last, { ...result.last }])).toEqual(result);
  });

  it.each(['gen_random_uuid()', 'null'])(
    'detects an access token that was changed to %s',
    async (changed) => {
      await withTransaction(db.database, async (transaction) =>
        recordAuditEvent(transaction, 'api_key.reset', { userId: null, accessTokenId: randomUUID() }),
      );
      expect((await verify()).violation).toBeNull();
      await tamper(`update audit_events set access_token_id = ${changed} where access_token_id is not null`);
      expect((await verify()).violation?.position).toBe(ENTRIES + 1);
    },
  );

  it.each([
    ['another id', 'update audit_events set id = gen_random_uuid() where position = 5', 5, DIGEST_MISMATCH],
    [
      'another time',
      "update audit_events set at = at + interval '1 microsecond' where position = 5",
      5,
      DIGEST_MISMATCH,
    ],
    ['another action', "update audit_events set action = 'sign_out' where position = 5", 5, DIGEST_MISMATCH],
    ['another outcome', "update audit_events set outcome = 'refused' where position = 5", 5, DIGEST_MISMATCH],
    [
      'another actor',
      'update audit_events set user_id = gen_random_uuid() where position = 5',
      5,
      DIGEST_MISMATCH,
    ],
    ['no actor', 'update audit_events set user_id = null where position = 5', 5, DIGEST_MISMATCH],
    [
      'another account',
      'update audit_events set account_id = gen_random_uuid() where position = 5',
      5,
      DIGEST_MISMATCH,
    ],
    [
      'no affected user',
      'update audit_events set target_user_id = null where position = 5',
      5,
      DIGEST_MISMATCH,
    ],
    [
      'another IP address',
      "update audit_events set address = '192.0.2.2' where position = 5",
      5,
      DIGEST_MISMATCH,
    ],
    [
      'other details',
      `update audit_events set details = jsonb_set(details, '{after,n}', '9') where position = 5`,
      5,
      DIGEST_MISMATCH,
    ],
    [
      'an additional detail',
      `update audit_events set details = details || '{"x": null}' where position = 5`,
      5,
      DIGEST_MISMATCH,
    ],
    ['another digest', "update audit_events set digest = sha256('x') where position = 5", 5, DIGEST_MISMATCH],
    ['a missing entry', 'delete from audit_events where position = 5', 5, 'Entry 5 is missing'],
    [
      'missing entries',
      'delete from audit_events where position between 5 and 7',
      5,
      'Entries 5 to 7 are missing',
    ],
    ['a missing first entry', 'delete from audit_events where position = 1', 1, 'Entry 1 is missing'],
    [
      'a missing last entry',
      `delete from audit_events where position = ${ENTRIES}`,
      ENTRIES,
      'The newest entries are missing',
    ],
    ['an empty log', 'delete from audit_events', 1, 'The newest entries are missing'],
    [
      'an entry added at the end',
      `insert into audit_events (id, action, position, digest) values (gen_random_uuid(), 'x', ${ENTRIES + 1}, sha256('x'))`,
      ENTRIES + 1,
      `Entry ${ENTRIES + 1} doesn't match`,
    ],
    [
      'an entry added at the start',
      "insert into audit_events (id, action, position, digest) values (gen_random_uuid(), 'x', 0, sha256('x'))",
      0,
      'Entry 0 comes before the start',
    ],
    [
      'an earlier end',
      'update audit_chain set position = position - 1',
      ENTRIES,
      'Entries were added after the end',
    ],
    [
      'another digest at the end',
      "update audit_chain set digest = sha256('x')",
      ENTRIES,
      'The end of the chain was changed',
    ],
    [
      'another digest at the start',
      "update audit_chain set start_digest = sha256('x')",
      1,
      "Entry 1 doesn't match",
    ],
    [
      'a later start',
      'update audit_chain set start_position = e.position, start_digest = e.digest from audit_events e where e.position = 4',
      1,
      'Entry 1 comes before the start',
    ],
  ])('detects %s', async (_, statement, position, message) => {
    await tamper(statement);
    const { violation, checked } = await verify();
    expect(violation).toMatchObject({ position });
    expect(violation?.message).toContain(message);
    expect(checked).toBeLessThanOrEqual(ENTRIES);
  });

  it('detects a new unchained entry', async () => {
    await addUnchainedEvent(db, { action: 'x', age: '0 days' });
    expect((await verify()).violation).toMatchObject({
      position: 1,
      message: expect.stringContaining('1 entry was added outside the chain'),
    });
  });

  it('detects two swapped entries', async () => {
    await tamper(`update audit_events set position = -position where position in (5, 6)`);
    await tamper('update audit_events set position = 11 + position where position in (-5, -6)');
    expect((await verify()).violation).toMatchObject({
      position: 5,
      message: expect.stringContaining(DIGEST_MISMATCH),
    });
  });

  it('detects an inserted entry if the later entries were renumbered', async () => {
    await tamper(`update audit_events set position = position + 1000 where position >= 5`);
    await tamper(`update audit_events set position = position - 999 where position >= 1000`);
    await tamper(`update audit_chain set position = position + 1`);
    await tamper(
      `insert into audit_events (id, action, position, digest) values (gen_random_uuid(), 'x', 5, sha256('x'))`,
    );
    expect((await verify()).violation).toMatchObject({
      position: 5,
      message: expect.stringContaining(DIGEST_MISMATCH),
    });
  });

  it('needs a checkpoint to detect a recomputed chain', async () => {
    const { last: checkpoint } = await verify();
    await tamper("update audit_events set address = '203.0.113.9' where position = 5");
    await recomputeDigests(db, 5);
    expect((await verify()).violation).toBeNull();
    const { violation } = await verify([checkpoint]);
    expect(violation?.position).toBe(ENTRIES);
    expect(violation?.message).toContain("doesn't match the checkpoint");
  });

  it('needs a checkpoint to detect deleted last entries if the end of the chain was changed to match', async () => {
    const { last: checkpoint } = await verify();
    await tamper(`delete from audit_events where position > 6`);
    await tamper(
      'update audit_chain set position = e.position, digest = e.digest from audit_events e where e.position = 6',
    );
    expect((await verify()).violation).toBeNull();
    const { violation } = await verify([checkpoint]);
    expect(violation).toMatchObject({
      position: 7,
      message: expect.stringContaining('newest entries are missing'),
    });
  });

  it('counts entries that are older than the chain', async () => {
    await addUnchainedEvent(db, { action: 'x', age: '1 year' });
    expect(await verify()).toMatchObject({ checked: ENTRIES, unchained: 1, violation: null });
  });

  it('verifies several batches while entries are added, and detects a changed and a duplicate entry in them', async () => {
    const add = (count: number) =>
      withTransaction(db.database, async (transaction) => {
        for (let index = 0; index < count; index += 1)
          recordAuditEvent(transaction, 'sign_out', { userId: null });
      });
    await add(2_500);
    let isVerifying = true;
    const pending = verify().finally(() => {
      isVerifying = false;
    });
    while (isVerifying) await add(1);
    const { checked, violation } = await pending;
    expect(violation).toBeNull();
    expect(checked).toBeGreaterThanOrEqual(ENTRIES + 2_500);
    await tamper("update audit_events set action = 'x' where position = 2400");
    expect((await verify()).violation?.position).toBe(2_400);

    await tamper("update audit_events set action = 'sign_out' where position = 2400");
    expect((await verify()).violation).toBeNull();
    await tamper('alter table audit_events drop constraint audit_events_position_unique');
    await tamper(
      "insert into audit_events (id, action, position, digest) values (gen_random_uuid(), 'x', 1000, sha256('x'))",
    );
    // Position 1,000 is the last of a batch: if the original is read first, the duplicate is in neither batch.
    expect((await verify()).violation?.position).toBe(1_000);
    await tamper("delete from audit_events where action = 'x'");
    await tamper('alter table audit_events add constraint audit_events_position_unique unique (position)');
  });
});
