import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '#db/schema/messages.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { requestNewCode } from '#lib/key-delivery/reveal/request-new-code.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import { markSent } from '#lib/notifications/delivery/finish-attempt.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { letTimePass, presentReveal, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { prepareMessage } from './prepare-message.ts';

let test: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  test = await createTestDatabase();
  administrator = await testAdministrator(test.database);
});
afterAll(() => test.drop());

async function messageOf(revealId: string, channel: 'email' | 'sms') {
  const [row] = await test.database
    .select()
    .from(messages)
    .where(and(eq(messages.revealId, revealId), eq(messages.channel, channel)));
  if (!row) throw new Error('no message');
  return row;
}

async function start() {
  const account = await testAccount(test.database, administrator);
  const reveal = await presentReveal(test.database, account.id);
  const [email, text] = [await messageOf(reveal.id, 'email'), await messageOf(reveal.id, 'sms')];
  return { account, reveal, email, text };
}

describe('prepareMessage', () => {
  it('gives the same email and text at each attempt', async () => {
    const { account, reveal, email, text } = await start();
    const link = `http://localhost:3000/reveal#${reveal.token}`;
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect(await prepareMessage(test.database, email.id)).toEqual({
        kind: 'reveal_link',
        to: account.email,
        username: account.username,
        link,
        expiresAt: reveal.expiresAt,
      });
      expect(await prepareMessage(test.database, text.id)).toEqual({
        kind: 'code',
        to: account.phone,
        code: reveal.code,
      });
    }
    expect(await messageOf(reveal.id, 'sms')).toMatchObject({ attempts: 3, state: 'queued' });
  });

  it("begins a code's ten minutes with the first attempt to text it", async () => {
    const { account, text } = await start();
    await letTimePass(test.database, account.id, '15 minutes');
    await prepareMessage(test.database, text.id);
    const { token, code } = await presentReveal(test.database, account.id);
    expect(await submitCode(test.database, { token, code })).toMatchObject({ ok: true });
  });

  it('takes a fresh code where the provider was away for longer than the code is good', async () => {
    const { account, text } = await start();
    await prepareMessage(test.database, text.id);
    await letTimePass(test.database, account.id, '11 minutes');
    const again = await prepareMessage(test.database, text.id);
    const after = await presentReveal(test.database, account.id);
    expect(after).toMatchObject({ codeGeneration: 2, newCodes: 0 });
    expect(again).toMatchObject({ code: after.code });
    expect(await submitCode(test.database, after)).toMatchObject({ ok: true });
  });

  it('sends nothing twice, nothing that was given up, and nothing of a reveal that has ended', async () => {
    const { account, email, text } = await start();
    await prepareMessage(test.database, email.id);
    await markSent(test.database, email.id, { provider: 'resend', providerId: 'provider-1' });
    expect(await prepareMessage(test.database, email.id)).toBeNull();
    await resetApiKey(test.database, administrator, { id: account.id });
    expect(await prepareMessage(test.database, text.id)).toBeNull();
    const [row] = await test.database.select().from(messages).where(eq(messages.id, text.id));
    expect(row).toMatchObject({ state: 'dropped', attempts: 0 });
  });

  it('sends no code that a newer one has overtaken', async () => {
    const { account, reveal, text } = await start();
    await letTimePass(test.database, account.id, '31 seconds');
    await requestNewCode(test.database, reveal.token);
    expect(await prepareMessage(test.database, text.id)).toBeNull();
  });

  it('sends nothing of a link that has no try left, though nobody came to lock it', async () => {
    const { reveal, email, text } = await start();
    await test.pool.query('update reveals set link_tries = 25 where id = $1', [reveal.id]);
    expect(await prepareMessage(test.database, email.id)).toBeNull();
    expect(await prepareMessage(test.database, text.id)).toBeNull();
    expect(await messageOf(reveal.id, 'sms')).toMatchObject({ attempts: 0, state: 'dropped' });
  });

  it('knows nothing of a message that is not there', async () => {
    expect(await prepareMessage(test.database, '00000000-0000-7000-8000-000000000000')).toBeNull();
  });
});
