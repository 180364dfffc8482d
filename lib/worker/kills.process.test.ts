import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { renderRevealSms } from '#lib/notifications/sms/reveal-sms.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createTestAccount, createTestAdministrator, readCurrentReveal } from '#lib/testing/accounts.ts';
import { FakeProviders, type ReceivedMessage } from '#lib/testing/fake-providers.ts';
import { atScale, TEST_SEED } from '#lib/testing/scale.ts';
import { setSmsPolicy } from '#lib/testing/sms.ts';
import { shortenHeartbeats, startTestWorker } from '#lib/testing/worker-process.ts';

const KILLS = atScale({ normal: 5, soak: 100 });
/** Number of workers that run at the same time. */
const CONCURRENT_WORKERS = 3;
/** Number of messages without an attempt that keeps every worker busy. */
const MIN_QUEUED = 12;

let db: TestDatabase;
let providers: FakeProviders;
let administrator: Administrator;

beforeEach(async () => {
  db = await createTestDatabase();
  await shortenHeartbeats(db.pool);
  // Sets high limits, so that no SMS is blocked.
  await setSmsPolicy(db.database, { perDay: 100_000, perAccountPerDay: 1_000 });
  providers = await FakeProviders.start();
  administrator = await createTestAdministrator(db.database);
});
afterEach(async () => {
  providers.close();
  await db.drop();
});

/** Creates a seeded random number generator (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type CreatedAccount = { id: string; email: string; phone: string };

async function countMessages(where: string): Promise<number> {
  const { rows } = await db.pool.query(`select count(*)::int as count from messages where ${where}`);
  return rows[0].count;
}

/** Creates accounts with their messages until the kills are done. */
async function createAccounts(accounts: CreatedAccount[], isKilling: () => boolean): Promise<void> {
  while (isKilling()) {
    if ((await countMessages("state = 'queued' and attempts = 0")) < MIN_QUEUED) {
      const phone = `+4478941${String(10_000 + accounts.length)}`;
      const { id, email } = await createTestAccount(db.database, administrator, { phone });
      accounts.push({ id, email, phone });
    } else {
      await delay(10);
    }
  }
}

/**
 * When a worker is killed, with a random delay: after its first message, to which the provider does not respond;
 * after its start, perhaps before its first message; or after its first message, to which the provider may have
 * responded.
 */
const KILL_POINTS = ['unanswered', 'starting', 'working'] as const;

/** By worker: what to call when a provider receives the worker's first message. */
const firstMessageCallbacks = new Map<string, () => void>();
/** Workers to which providers do not respond. */
const unansweredWorkers = new Set<string>();

/** Starts and kills one worker after the other until `KILLS` workers were killed. */
async function killRepeatedly(random: () => number, killedWorkers: Set<string>): Promise<void> {
  while (killedWorkers.size < KILLS) {
    const killPoint = KILL_POINTS[killedWorkers.size % KILL_POINTS.length];
    const name = `W${killedWorkers.size}`;
    killedWorkers.add(name);
    const firstMessage = Promise.withResolvers<void>();
    firstMessageCallbacks.set(name, firstMessage.resolve);
    if (killPoint === 'unanswered') unansweredWorkers.add(name);
    const worker = await startTestWorker({
      name,
      databaseUrl: db.url,
      providerUrl: providers.url,
    });
    if (killPoint !== 'starting') await firstMessage.promise;
    await delay(random() * 120);
    await worker.kill();
  }
}

/** Groups the received messages by their id, in order of arrival. An SMS has the phone number as its id. */
function groupByMessage(channel: 'email' | 'sms'): Map<string, ReceivedMessage[]> {
  const messages = new Map<string, ReceivedMessage[]>();
  for (const message of providers.getReceived(channel)) {
    messages.set(message.id, [...(messages.get(message.id) ?? []), message]);
  }
  return messages;
}

async function checkSms(accounts: CreatedAccount[], killedWorkers: Set<string>): Promise<void> {
  const { organisationName: organisation, publicUrl } = settings();
  const smsByPhone = groupByMessage('sms');
  const killsWithDuplicate: string[] = [];
  for (const account of accounts) {
    const attempts = smsByPhone.get(account.phone) ?? [];
    const { code } = await readCurrentReveal(db.database, account.id);
    const text = renderRevealSms({ organisation, code, host: new URL(publicUrl).hostname });
    expect([...new Set(attempts.map((attempt) => attempt.body))]).toEqual([text]);
    // A killed worker made each attempt except the last one. No kill causes two duplicates.
    const earlierWorkers = attempts.slice(0, -1).map((attempt) => attempt.worker);
    for (const worker of earlierWorkers) expect(killedWorkers).toContain(worker);
    killsWithDuplicate.push(...earlierWorkers);
  }
  expect(smsByPhone.size).toBe(accounts.length);
  expect(new Set(killsWithDuplicate).size).toBe(killsWithDuplicate.length);
}

async function checkEmails(accounts: CreatedAccount[]): Promise<void> {
  const emails = groupByMessage('email');
  const { rows } = await db.pool.query(
    `select m.id, a.id as account from messages m join api_accounts a on a.reveal_id = m.reveal_id
     where m.channel = 'email'`,
  );
  expect([...emails.keys()].sort()).toEqual(rows.map((row) => row.id).sort());
  expect(rows).toHaveLength(accounts.length);
  for (const { id, account } of rows) {
    const { token } = await readCurrentReveal(db.database, account);
    const bodies = [...new Set((emails.get(id) ?? []).map((attempt) => attempt.body))];
    // Resend sends one email per idempotency key, and rejects another body with the same key.
    expect(bodies).toHaveLength(1);
    expect(bodies[0]).toContain(`/reveal#${token}`);
  }
}

describe('worker', () => {
  it(`loses no message, and duplicates no email and at most one SMS per kill, in ${KILLS} kills at random points`, async () => {
    const random = createRandom(TEST_SEED);
    providers.behave = async ({ worker }) => {
      firstMessageCallbacks.get(worker)?.();
      if (unansweredWorkers.has(worker)) return 'hang' as const;
      await delay(random() * 60);
      return 'accept' as const;
    };
    const accounts: CreatedAccount[] = [];
    const killedWorkers = new Set<string>();
    let isKilling = true;
    const creating = createAccounts(accounts, () => isKilling);
    await Promise.all(
      Array.from({ length: CONCURRENT_WORKERS }, () => killRepeatedly(random, killedWorkers)),
    );
    isKilling = false;
    await creating;
    const lastWorker = await startTestWorker({
      name: 'LAST',
      databaseUrl: db.url,
      providerUrl: providers.url,
    });
    while ((await countMessages("state <> 'sent'")) > 0) await delay(50);
    expect(await lastWorker.stop()).toBe(0);
    try {
      await checkSms(accounts, killedWorkers);
      await checkEmails(accounts);
      // Checks that kills interrupted attempts, some of them after the provider had received the message.
      const { rows } = await db.pool.query(
        'select sum(attempts)::int - count(*)::int as interrupted from messages',
      );
      expect(rows[0].interrupted).toBeGreaterThan(atScale({ normal: 0, soak: KILLS / 2 }));
      expect(providers.received.length).toBeGreaterThan(accounts.length * 2);
    } catch (error) {
      throw new Error(`failed with TEST_SEED=${TEST_SEED}`, { cause: error });
    }
  });
});
