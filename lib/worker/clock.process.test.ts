import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestAccount } from '#lib/testing/accounts.ts';
import { DeliveryTestBed } from '#lib/testing/delivery-test-bed.ts';
import { atScale } from '#lib/testing/scale.ts';
import { WORKER_TIMING } from './timing.ts';

let testBed: DeliveryTestBed;

beforeEach(async () => {
  testBed = await DeliveryTestBed.start();
});
afterEach(() => testBed.close());

describe('worker', () => {
  it.each(
    atScale<[string, number][]>({
      normal: [['an hour behind', -3_600_000]],
      soak: [
        ['an hour ahead', 3_600_000],
        ['an hour behind', -3_600_000],
      ],
    }),
  )(
    'retries once and on time if the clock of the worker is set %s during an attempt',
    async (_, clockOffsetMs) => {
      await createTestAccount(testBed.db.database, testBed.administrator);
      const setClock = async () => {
        const confirmed = once(worker.process, 'message');
        worker.process.send({ clockOffsetMs });
        expect(await confirmed).toEqual([{ appliedMs: clockOffsetMs }, undefined]);
      };
      let clockSet: Promise<void> | undefined;
      testBed.providers.behave = async ({ id }) => {
        if (testBed.providers.received.filter((message) => message.id === id).length > 1) return 'accept';
        clockSet ??= setClock();
        await clockSet;
        return { status: 500 };
      };
      // Uses production timing: on a busy machine, a shorter timeout would add an attempt, and attempts are counted
      // below.
      const worker = await testBed.startWorker({ timing: WORKER_TIMING });
      // By the database's clock, the retry is due two seconds after the failure. The test waits for it.
      await testBed.waitForMessages("state = 'sent'");
      const { rows } = await testBed.db.pool.query(
        "select attempts, ended_at - created_at < interval '5 minutes' as in_time from messages",
      );
      expect(rows).toEqual([
        { attempts: 2, in_time: true },
        { attempts: 2, in_time: true },
      ]);
      expect(testBed.providers.received).toHaveLength(4);
    },
  );
});
