import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { revealSms } from '#lib/notifications/sms/reveal-sms.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { presentReveal, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { Providers, type Taken } from '#lib/testing/providers.ts';
import { atScale, TEST_SEED } from '#lib/testing/scale.ts';
import { setSmsPolicy } from '#lib/testing/sms.ts';
import { shortenHeartbeats, startTestWorker } from '#lib/testing/worker-process.ts';

const KILLS = atScale({ normal: 5, soak: 100 });
/** Workers that are killed and started side by side. */
const SIDE_BY_SIDE = 3;
/** Enough messages wait for every worker to have one in hand at any time. */
const WAITING = 12;

let test: TestDatabase;
let providers: Providers;
let administrator: Administrator;

beforeEach(async () => {
  test = await createTestDatabase();
  await shortenHeartbeats(test.pool);
  // So that no ceiling of the rules for texts is in the way.
  await setSmsPolicy(test.database, { perDay: 100_000, perAccountPerDay: 1_000 });
  providers = await Providers.start();
  administrator = await testAdministrator(test.database);
});
afterEach(async () => {
  providers.close();
  await test.drop();
});

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Account = { id: string; email: string; phone: string };

async function count(where: string): Promise<number> {
  const { rows } = await test.pool.query(`select count(*)::int as count from messages where ${where}`);
  return rows[0].count;
}

/** Lets accounts be created, each with its messages, as long as there are kills to come. */
async function keepComing(accounts: Account[], going: () => boolean): Promise<void> {
  while (going()) {
    if ((await count("state = 'queued' and attempts = 0")) < WAITING) {
      const phone = `+4478941${String(10_000 + accounts.length)}`;
      const { id, email } = await testAccount(test.database, administrator, { phone });
      accounts.push({ id, email, phone });
    } else {
      await delay(10);
    }
  }
}

/**
 * After which moment a worker is killed, by a random delay: its start, and so perhaps before any provider heard of it;
 * its first message, which is then being answered, or a later one; its first message, which stays unanswered.
 */
const MOMENTS = ['unanswered', 'starting', 'working'] as const;

/** Called when a provider takes the first message of a worker. */
const onTaken = new Map<string, () => void>();
/** The workers that get no answers. */
const unanswered = new Set<string>();

/** Kills workers, one after the other, at a random moment each, until there were enough. */
async function killOneByOne(random: () => number, killed: Set<string>): Promise<void> {
  while (killed.size < KILLS) {
    const moment = MOMENTS[killed.size % MOMENTS.length];
    const name = `W${killed.size}`;
    killed.add(name);
    const first = Promise.withResolvers<void>();
    onTaken.set(name, first.resolve);
    if (moment === 'unanswered') unanswered.add(name);
    const worker = await startTestWorker({
      name,
      databaseUrl: test.url,
      providerUrl: providers.url,
    });
    if (moment !== 'starting') await first.promise;
    await delay(random() * 120);
    await worker.kill();
  }
}

/** What the providers took of one message, in order. */
function byMessage(channel: 'email' | 'sms'): Map<string, Taken[]> {
  const messages = new Map<string, Taken[]>();
  for (const taken of providers.of(channel)) {
    messages.set(taken.id, [...(messages.get(taken.id) ?? []), taken]);
  }
  return messages;
}

async function judgeTexts(accounts: Account[], killed: Set<string>): Promise<void> {
  const { organisationName: organisation, publicUrl } = settings();
  const texts = byMessage('sms');
  const blamed: string[] = [];
  for (const account of accounts) {
    const sendings = texts.get(account.phone) ?? [];
    const { code } = await presentReveal(test.database, account.id);
    const words = revealSms({ organisation, code, host: new URL(publicUrl).hostname });
    expect([...new Set(sendings.map((sending) => sending.body))]).toEqual([words]);
    // Each sending but the last is put down to the kill of the worker that made it, and no kill is to blame twice.
    const earlier = sendings.slice(0, -1).map((sending) => sending.worker);
    for (const worker of earlier) expect(killed).toContain(worker);
    blamed.push(...earlier);
  }
  expect(texts.size).toBe(accounts.length);
  expect(new Set(blamed).size).toBe(blamed.length);
}

async function judgeEmails(accounts: Account[]): Promise<void> {
  const emails = byMessage('email');
  const { rows } = await test.pool.query(
    `select m.id, a.id as account from messages m join api_accounts a on a.reveal_id = m.reveal_id
     where m.channel = 'email'`,
  );
  expect([...emails.keys()].sort()).toEqual(rows.map((row) => row.id).sort());
  expect(rows).toHaveLength(accounts.length);
  for (const { id, account } of rows) {
    const { token } = await presentReveal(test.database, account);
    const bodies = [...new Set((emails.get(id) ?? []).map((sending) => sending.body))];
    // Resend counts the same key with the same bytes once; with others it refuses.
    expect(bodies).toHaveLength(1);
    expect(bodies[0]).toContain(`/reveal#${token}`);
  }
}

it(`loses no message, doubles at most one text a kill and no email if killed ${KILLS} times at random points`, async () => {
  const random = randomFrom(TEST_SEED);
  providers.behave = async ({ worker }) => {
    onTaken.get(worker)?.();
    if (unanswered.has(worker)) return 'hang' as const;
    await delay(random() * 60);
    return 'accept' as const;
  };
  const accounts: Account[] = [];
  const killed = new Set<string>();
  let going = true;
  const coming = keepComing(accounts, () => going);
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, () => killOneByOne(random, killed)));
  going = false;
  await coming;
  const last = await startTestWorker({
    name: 'LAST',
    databaseUrl: test.url,
    providerUrl: providers.url,
  });
  while ((await count("state <> 'sent'")) > 0) await delay(50);
  expect(await last.stop()).toBe(0);
  try {
    await judgeTexts(accounts, killed);
    await judgeEmails(accounts);
    // The kills did hit: attempts were cut short, some of them after the provider had the message.
    const { rows } = await test.pool.query('select sum(attempts)::int - count(*)::int as cut from messages');
    expect(rows[0].cut).toBeGreaterThan(atScale({ normal: 0, soak: KILLS / 2 }));
    expect(providers.taken.length).toBeGreaterThan(accounts.length * 2);
  } catch (error) {
    throw new Error(`with TEST_SEED=${TEST_SEED}`, { cause: error });
  }
}, 600_000);
