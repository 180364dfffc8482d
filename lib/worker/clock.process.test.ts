import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { testAccount } from '#lib/testing/accounts.ts';
import { DeliveryTestBed } from '#lib/testing/delivery-test-bed.ts';
import { WORKER_TIMING } from './timing.ts';

let sending: DeliveryTestBed;

beforeEach(async () => {
  sending = await DeliveryTestBed.start();
});
afterEach(() => sending.close());

it.each([
  ['an hour ahead', 3_600_000],
  ['an hour back', -3_600_000],
])(
  'retries once and on time if the clock of the worker is set %s during an attempt',
  async (_, aheadMs) => {
    await testAccount(sending.test.database, sending.administrator);
    const setClock = async () => {
      const confirmed = once(worker.process, 'message');
      worker.process.send({ aheadMs });
      expect(await confirmed).toEqual([{ movedTo: aheadMs }, undefined]);
    };
    let clockIsSet: Promise<void> | undefined;
    sending.providers.behave = async ({ id }) => {
      if (sending.providers.taken.filter((message) => message.id === id).length > 1) return 'accept';
      clockIsSet ??= setClock();
      await clockIsSet;
      return { status: 500 };
    };
    // Production timing, so that no attempt times out on a busy machine: attempts are counted below.
    const worker = await sending.startWorker({ timing: WORKER_TIMING });
    // The retry is due two seconds after the failure by the database's clock. The test does not bring it forward.
    await sending.waitForMessages("state = 'sent'");
    const { rows } = await sending.test.pool.query(
      "select attempts, ended_at - created_at < interval '5 minutes' as in_time from messages",
    );
    expect(rows).toEqual([
      { attempts: 2, in_time: true },
      { attempts: 2, in_time: true },
    ]);
    expect(sending.providers.taken).toHaveLength(4);
  },
  60_000,
);
