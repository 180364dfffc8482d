import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '#db/schema/messages.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { requestNewCode } from '#lib/key-delivery/reveal/request-new-code.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import { markSent } from '#lib/notifications/delivery/attempt.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  readCurrentReveal,
} from '#lib/testing/accounts.ts';
import { prepareMessage } from './send-message.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

async function readMessage(revealId: string, channel: 'email' | 'sms') {
  const [row] = await db.database
    .select()
    .from(messages)
    .where(and(eq(messages.revealId, revealId), eq(messages.channel, channel)));
  if (!row) throw new Error('no message');
  return row;
}

/** Creates an API account with its reveal, its email and its SMS. */
async function createAccount() {
  const account = await createTestAccount(db.database, administrator);
  const reveal = await readCurrentReveal(db.database, account.id);
  const [email, sms] = [await readMessage(reveal.id, 'email'), await readMessage(reveal.id, 'sms')];
  return { account, reveal, email, sms };
}

describe('prepareMessage', () => {
  it('returns the same email and SMS for each attempt', async () => {
    const { account, reveal, email, sms } = await createAccount();
    const link = `http://localhost:3000/reveal#${reveal.token}`;
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect(await prepareMessage(db.database, email.id)).toEqual({
        kind: 'reveal_link',
        to: account.email,
        username: account.username,
        link,
        expiresAt: reveal.expiresAt,
        oldKey: null,
      });
      expect(await prepareMessage(db.database, sms.id)).toEqual({
        kind: 'code',
        to: account.phone,
        code: reveal.code,
      });
    }
    expect(await readMessage(reveal.id, 'sms')).toMatchObject({ attempts: 3, state: 'queued' });
  });

  it('starts the 10 minutes of a code with the first attempt to send it', async () => {
    const { account, sms } = await createAccount();
    await letTimePass(db.database, account.id, '15 minutes');
    await prepareMessage(db.database, sms.id);
    const { token, code } = await readCurrentReveal(db.database, account.id);
    expect(await submitCode(db.database, { token, code })).toMatchObject({ ok: true });
  });

  it('issues a new code if the code expired before the next attempt', async () => {
    const { account, sms } = await createAccount();
    await prepareMessage(db.database, sms.id);
    await letTimePass(db.database, account.id, '11 minutes');
    const retried = await prepareMessage(db.database, sms.id);
    const current = await readCurrentReveal(db.database, account.id);
    expect(current).toMatchObject({ codeGeneration: 2, newCodes: 0 });
    expect(retried).toMatchObject({ code: current.code });
    expect(await submitCode(db.database, current)).toMatchObject({ ok: true });
  });

  it('returns null for a sent email and for an SMS of a replaced reveal', async () => {
    const { account, email, sms } = await createAccount();
    await prepareMessage(db.database, email.id);
    await markSent(db.database, email.id, { provider: 'resend', providerId: 'provider-1' });
    expect(await prepareMessage(db.database, email.id)).toBeNull();
    await resetApiKey(db.database, administrator, { id: account.id });
    expect(await prepareMessage(db.database, sms.id)).toBeNull();
    const [row] = await db.database.select().from(messages).where(eq(messages.id, sms.id));
    expect(row).toMatchObject({ state: 'dropped', attempts: 0 });
  });

  it('returns null for a code that a newer code has replaced', async () => {
    const { account, reveal, sms } = await createAccount();
    await letTimePass(db.database, account.id, '31 seconds');
    await requestNewCode(db.database, reveal.token);
    expect(await prepareMessage(db.database, sms.id)).toBeNull();
  });

  it('returns null for the messages of a link that has no attempts left, even if its reveal is not locked yet', async () => {
    const { reveal, email, sms } = await createAccount();
    await db.pool.query('update reveals set link_attempts = 25 where id = $1', [reveal.id]);
    expect(await prepareMessage(db.database, email.id)).toBeNull();
    expect(await prepareMessage(db.database, sms.id)).toBeNull();
    expect(await readMessage(reveal.id, 'sms')).toMatchObject({ attempts: 0, state: 'dropped' });
  });

  it('returns null for an unknown message', async () => {
    expect(await prepareMessage(db.database, '00000000-0000-7000-8000-000000000000')).toBeNull();
  });
});
