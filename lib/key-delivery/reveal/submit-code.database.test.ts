import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectDatabase } from '#db/client.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { digestKey } from '#lib/api-keys/api-key.ts';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  makeWrongCode,
  readCurrentReveal,
} from '#lib/testing/accounts.ts';
import { atScale } from '#lib/testing/scale.ts';
import { setSmsPolicy } from '#lib/testing/sms.ts';
import { openReveal } from './open.ts';
import { requestNewCode } from './request-new-code.ts';
import { submitCodeSchema } from './schema.ts';
import { submitCode } from './submit-code.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  // Raise the SMS limits, so that no test reaches them.
  await setSmsPolicy(db.database, { perDay: 100_000, perAccountPerDay: 1_000 });
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

const readAuditEvents = async (accountId: string, action: string) => {
  const rows = await db.database.select().from(auditEvents).where(eq(auditEvents.accountId, accountId));
  return rows.filter((row) => row.action === action);
};

/** The database's and JavaScript's times differ in their precision. */
const toSeconds = (time: string | Date) => Math.floor(new Date(time).getTime() / 1_000);

/** Requests a new code without waiting for 30 seconds. */
async function issueNewCode(accountId: string, token: string) {
  await letTimePass(db.database, accountId, '31 seconds');
  expect(await requestNewCode(db.database, token)).toMatchObject({ ok: true });
  return readCurrentReveal(db.database, accountId);
}

describe('submitCode with the right code', () => {
  it('returns the username and the key, and stores the digest of the key', async () => {
    const account = await createTestAccount(db.database, administrator);
    const { token, code } = await readCurrentReveal(db.database, account.id);
    const result = await submitCode(db.database, { token, code });
    expect(result).toMatchObject({ ok: true, username: account.username });
    const after = await readCurrentReveal(db.database, account.id);
    expect(result.ok && digestKey(result.key).equals(after.keyDigest ?? Buffer.alloc(0))).toBe(true);
    expect(await readSummary(db.database, account.id)).toMatchObject({ status: 'active' });
  });

  it('accepts the whole pasted text message', async () => {
    const account = await createTestAccount(db.database, administrator);
    const { token, code } = await readCurrentReveal(db.database, account.id);
    const message = `${en.sms.code({ name: 'Northgate', code })}\n@access.northgate.example #${code}`;
    const input = submitCodeSchema.parse({ token, code: message });
    expect(await submitCode(db.database, input)).toMatchObject({ ok: true });
  });

  it('returns the key once, and refuses the used link afterwards', async () => {
    const account = await createTestAccount(db.database, administrator);
    const { token, code } = await readCurrentReveal(db.database, account.id);
    await submitCode(db.database, { token, code });
    const { endedAt } = await readCurrentReveal(db.database, account.id);
    for (const refusal of [
      await submitCode(db.database, { token, code }),
      await openReveal(db.database, token),
    ]) {
      expect(refusal).toEqual({ ok: false, reason: 'used', usedAt: expect.any(String) });
      expect('usedAt' in refusal && toSeconds(refusal.usedAt)).toBe(toSeconds(endedAt ?? ''));
    }
  });

  it('returns one key for 50 concurrent submissions over two connection pools, and records it once', async () => {
    // A process keeps no state of a reveal, so a second pool is equivalent to a second process.
    const secondConnection = connectDatabase(db.url);
    const databases = [db.database, secondConnection.database];
    for (let round = 0; round < atScale({ normal: 5, soak: 200 }); round += 1) {
      const account = await createTestAccount(db.database, administrator);
      const { token, code } = await readCurrentReveal(db.database, account.id);
      const submit = (_: unknown, index: number) =>
        submitCode(databases[index % 2] ?? db.database, { token, code });
      const results = await Promise.all(Array.from({ length: 50 }, submit));
      const keys = results.flatMap((result) => (result.ok ? [result.key] : []));
      expect(keys).toHaveLength(1);
      const { keyDigest } = await readCurrentReveal(db.database, account.id);
      expect(digestKey(keys[0] ?? '')).toEqual(keyDigest);
      expect(await readAuditEvents(account.id, 'api_key.shown')).toHaveLength(1);
    }
    await secondConnection.close();
  });
});

describe('submitCode after a lost response', () => {
  const createRetrySecret = () => randomBytes(32).toString('base64url');

  /** Collects a key with a retry secret. */
  async function collectKey() {
    const account = await createTestAccount(db.database, administrator);
    const reveal = await readCurrentReveal(db.database, account.id);
    const submission = { token: reveal.token, code: reveal.code, retrySecret: createRetrySecret() };
    const first = await submitCode(db.database, submission);
    if (!first.ok) throw new Error(first.reason);
    return { account, revealId: reveal.id, submission, first };
  }

  it('returns the same key for two minutes to the browser that collected it, and records it', async () => {
    const { account, submission, first } = await collectKey();
    expect(await submitCode(db.database, submission)).toEqual(first);
    // More than a minute and less than two, so that a busy machine does not reach the limit.
    await letTimePass(db.database, account.id, '70 seconds');
    expect(await submitCode(db.database, { ...submission, code: null })).toEqual(first);
    expect(await readAuditEvents(account.id, 'api_key.shown')).toHaveLength(1);
    expect(await readAuditEvents(account.id, 'api_key.shown_again')).toHaveLength(2);
    await letTimePass(db.database, account.id, '51 seconds');
    expect(await submitCode(db.database, submission)).toMatchObject({ reason: 'used' });
  });

  it('returns no key to another browser, even with the right code', async () => {
    const { account, submission } = await collectKey();
    for (const retrySecret of [createRetrySecret(), null, undefined, ''])
      expect(await submitCode(db.database, { ...submission, retrySecret })).toMatchObject({ reason: 'used' });
    expect(await readAuditEvents(account.id, 'api_key.shown_again')).toHaveLength(0);
  });

  it('returns no key for the link of another account, even with the sealed key of this one', async () => {
    const { revealId, submission } = await collectKey();
    const other = await collectKey();
    await db.pool.query(
      'update sealed_keys set sealed = (select sealed from sealed_keys where reveal_id = $1) where reveal_id = $2',
      [revealId, other.revealId],
    );
    const { token } = other.submission;
    expect(await submitCode(db.database, { ...submission, token })).toMatchObject({ reason: 'used' });
  });

  it('returns no key after a reset or a deactivation', async () => {
    const wasReset = await collectKey();
    await resetApiKey(db.database, administrator, { id: wasReset.account.id });
    expect(await submitCode(db.database, wasReset.submission)).toEqual({ ok: false, reason: 'invalid_link' });

    const deactivated = await collectKey();
    const { id, version, email, phone } = deactivated.account;
    const save = (fields: { version: number; active: boolean }) =>
      updateApiAccount(db.database, administrator, { id, email, phone, ...fields });
    expect(await save({ version, active: false })).toMatchObject({ ok: true });
    expect(await submitCode(db.database, deactivated.submission)).toMatchObject({ reason: 'used' });
    expect(await save({ version: version + 1, active: true })).toMatchObject({ ok: true });
    expect(await submitCode(db.database, deactivated.submission)).toMatchObject({ reason: 'used' });

    const { rows } = await db.pool.query('select from sealed_keys where reveal_id = any($1)', [
      [wasReset.revealId, deactivated.revealId],
    ]);
    expect(rows).toEqual([]);
  });

  it('returns no key after a change of AUTH_SECRET, even for a link that is signed with the new one', async () => {
    const { revealId, submission } = await collectKey();
    const { authSecret } = settings();
    settings().authSecret = `another ${authSecret}`;
    onTestFinished(() => {
      settings().authSecret = authSecret;
    });
    const token = createLinkToken('reveal', revealId, settings().authSecret);
    expect(await submitCode(db.database, { ...submission, token })).toMatchObject({ reason: 'used' });
  });

  it('returns one key to each of 50 concurrent submissions of one browser, and none to another browser', async () => {
    for (let round = 0; round < atScale({ normal: 2, soak: 200 }); round += 1) {
      const account = await createTestAccount(db.database, administrator);
      const { token, code } = await readCurrentReveal(db.database, account.id);
      const retrySecrets = [createRetrySecret(), createRetrySecret()];
      const submit = async (_: unknown, index: number) => {
        const retrySecret = retrySecrets[index % 2];
        const result = await submitCode(db.database, { token, code, retrySecret });
        return result.ok ? [{ retrySecret, key: result.key }] : [];
      };
      const shown = (await Promise.all(Array.from({ length: 50 }, submit))).flat();
      expect(shown.length).toBeGreaterThan(0);
      expect(new Set(shown.map(({ key }) => key)).size).toBe(1);
      expect(new Set(shown.map(({ retrySecret }) => retrySecret)).size).toBe(1);
      expect(await readAuditEvents(account.id, 'api_key.shown')).toHaveLength(1);
    }
  });
});

describe('submitCode with a code of an earlier text message', () => {
  it('says that a newer code was sent, and consumes an attempt', async () => {
    const account = await createTestAccount(db.database, administrator);
    const first = await readCurrentReveal(db.database, account.id);
    const second = await issueNewCode(account.id, first.token);
    const result = await submitCode(db.database, first);
    expect(result).toMatchObject({
      ok: false,
      reason: 'replaced_code',
      view: { attemptsLeft: 4, codeGeneration: 2 },
    });
    expect('view' in result && toSeconds(result.view.codeSentAt)).toBe(toSeconds(second.codeIssuedAt));
    // The last attempt cancels the newer code, so it is not recommended.
    for (let attempt = 2; attempt <= 5; attempt += 1) {
      const reason = attempt === 5 ? 'too_many_attempts' : 'replaced_code';
      expect(await submitCode(db.database, first)).toMatchObject({ ok: false, reason });
    }
    expect(await submitCode(db.database, second)).toMatchObject({ reason: 'too_many_attempts' });
  });
});

describe('submitCode with a wrong code', () => {
  it('consumes an attempt and returns how many are left', async () => {
    const account = await createTestAccount(db.database, administrator);
    const { token, code } = await readCurrentReveal(db.database, account.id);
    const result = await submitCode(db.database, { token, code: makeWrongCode(code) });
    expect(result).toMatchObject({ ok: false, reason: 'wrong_code', view: { attemptsLeft: 4 } });
  });

  it('compares at most 5 of 50 concurrent wrong codes, and then refuses the right one', async () => {
    for (let round = 0; round < atScale({ normal: 1, soak: 100 }); round += 1) {
      const account = await createTestAccount(db.database, administrator);
      const { token, code } = await readCurrentReveal(db.database, account.id);
      const guess = (_: unknown, index: number) =>
        submitCode(db.database, { token, code: makeWrongCode(code, index + 1) });
      await Promise.all(Array.from({ length: 50 }, guess));
      expect(await readAuditEvents(account.id, 'reveal.wrong_code')).toHaveLength(5);
      expect(await submitCode(db.database, { token, code })).toMatchObject({ reason: 'too_many_attempts' });
    }
  });

  it.each(['', '   ', '12345', '1234567', 'abcdef', '12345a', '123456 654321', '0x1234', '\0\0\0\0\0\0'])(
    'consumes no attempt for a malformed code (%j)',
    async (code) => {
      const account = await createTestAccount(db.database, administrator);
      const { token } = await readCurrentReveal(db.database, account.id);
      for (let round = 0; round < 10; round += 1) {
        const result = await submitCode(db.database, submitCodeSchema.parse({ token, code }));
        expect(result).toMatchObject({ ok: false, reason: 'malformed', view: { attemptsLeft: 5 } });
      }
    },
  );

  it('locks the link after 25 wrong codes, even if new codes were requested between them', async () => {
    const account = await createTestAccount(db.database, administrator);
    let reveal = await readCurrentReveal(db.database, account.id);
    const { token } = reveal;
    for (let guess = 1; guess <= 25; guess += 1) {
      if (reveal.codeAttempts === 5) reveal = await issueNewCode(account.id, token);
      const result = await submitCode(db.database, { token, code: makeWrongCode(reveal.code) });
      expect(result).toMatchObject({ ok: false, reason: guess === 25 ? 'invalid_link' : expect.any(String) });
      reveal = await readCurrentReveal(db.database, account.id);
    }
    expect(await submitCode(db.database, { token, code: reveal.code })).toEqual({
      ok: false,
      reason: 'invalid_link',
    });
    expect(await requestNewCode(db.database, token)).toEqual({ ok: false, reason: 'invalid_link' });
    expect(await readSummary(db.database, account.id)).toMatchObject({ status: 'locked' });
    expect(await readAuditEvents(account.id, 'reveal.locked')).toHaveLength(1);
  });
});
