import { setImmediate as nextTick } from 'node:timers/promises';
import { hash, parseOptions } from '@node-rs/argon2';
import { describe, expect, test } from 'vitest';
import {
  BusyError,
  createSemaphore,
  DUMMY_HASH,
  type HashLane,
  hashPassword,
  needsRehash,
  verifyPassword,
} from './hash.ts';

test("hashes with OWASP's parameters and a new salt", async () => {
  const [one, other] = await Promise.all([hashPassword('swordfish'), hashPassword('swordfish')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(other).not.toBe(one);
});

test('accepts the correct password and rejects others', async () => {
  const stored = await hashPassword('swordfish');
  expect(await verifyPassword(stored, 'swordfish', 'untrusted')).toBe(true);
  for (const wrong of ['Swordfish', 'swordfish ', '', 'swordfis', 'x'.repeat(256)]) {
    expect(await verifyPassword(stored, wrong, 'untrusted')).toBe(false);
  }
});

test('compares with a dummy hash of the same parameters if there is no hash, and returns false', async () => {
  // sign-in.database.test.ts measures the CPU time of this comparison.
  expect(parseOptions(DUMMY_HASH)).toEqual(parseOptions(await hashPassword('swordfish')));
  expect(await verifyPassword(null, 'swordfish', 'untrusted')).toBe(false);
});

test.each([
  ['less memory', { memoryCost: 9_728, timeCost: 2, parallelism: 1 }, true],
  ['fewer passes', { memoryCost: 19_456, timeCost: 1, parallelism: 1 }, true],
  ['another Argon2 variant', { memoryCost: 19_456, timeCost: 2, parallelism: 1, algorithm: 1 }, true],
  ['the same parameters', { memoryCost: 19_456, timeCost: 2, parallelism: 1 }, false],
  ['more memory and passes', { memoryCost: 38_912, timeCost: 3, parallelism: 1 }, false],
])('decides whether a hash with %s needs a rehash', async (_, parameters, expected) => {
  expect(needsRehash(await hash('swordfish', parameters))).toBe(expected);
});

describe('createSemaphore', () => {
  /** Creates tasks that end on demand, and counts how many have started and how many ran at the same time. */
  function observeTasks() {
    const ends: (() => void)[] = [];
    let running = 0;
    const observed = { maxRunning: 0, started: 0 };
    const task = async () => {
      running += 1;
      observed.started += 1;
      observed.maxRunning = Math.max(observed.maxRunning, running);
      await new Promise<void>((resolve) => ends.push(resolve));
      running -= 1;
    };
    return { task, observed, endOne: () => ends.shift()?.() };
  }

  test('runs four of thirty tasks at a time', async () => {
    const { task, observed, endOne } = observeTasks();
    const run = createSemaphore(4, 100);
    const all = Promise.all(Array.from({ length: 30 }, () => run(task, 'untrusted')));
    for (let ended = 0; ended < 30; ended += 1) {
      await nextTick();
      expect(observed.started).toBe(Math.min(30, ended + 4));
      endOne();
    }
    await all;
    expect(observed.maxRunning).toBe(4);
  });

  test('rejects a task if too many are waiting', async () => {
    const { task, endOne } = observeTasks();
    const run = createSemaphore(1, 2);
    const accepted = [run(task, 'untrusted'), run(task, 'untrusted'), run(task, 'untrusted')];
    await expect(run(task, 'untrusted')).rejects.toThrow(BusyError);
    for (let ended = 0; ended < 3; ended += 1) {
      endOne();
      await nextTick();
    }
    await Promise.all(accepted);
  });

  /** Runs tasks that each wait in a lane, and returns the order in which they started. */
  async function runInLanes(run: ReturnType<typeof createSemaphore>, lanes: HashLane[]) {
    const started: string[] = [];
    const ends: (() => void)[] = [];
    const all = lanes.map((lane, index) =>
      run(async () => {
        started.push(`${lane} ${index}`);
        await new Promise<void>((resolve) => ends.push(resolve));
      }, lane),
    );
    for (let ended = 0; ended < lanes.length; ended += 1) {
      await nextTick();
      ends.shift()?.();
    }
    await Promise.all(all);
    return started;
  }

  test('runs waiting trusted tasks first, and each lane in order', async () => {
    const run = createSemaphore(1, 10);
    const lanes: HashLane[] = ['untrusted', 'untrusted', 'trusted', 'untrusted', 'trusted'];
    expect(await runInLanes(run, lanes)).toEqual([
      'untrusted 0',
      'trusted 2',
      'trusted 4',
      'untrusted 1',
      'untrusted 3',
    ]);
  });

  test('accepts trusted tasks if too many untrusted ones are waiting, and limits trusted ones, too', async () => {
    const { task, observed, endOne } = observeTasks();
    const run = createSemaphore(4, 2);
    const untrusted = Array.from({ length: 6 }, () => run(task, 'untrusted'));
    await expect(run(task, 'untrusted')).rejects.toThrow(BusyError);
    const trusted = [run(task, 'trusted'), run(task, 'trusted')];
    await expect(run(task, 'trusted')).rejects.toThrow(BusyError);
    for (let ended = 0; ended < 8; ended += 1) {
      await nextTick();
      endOne();
    }
    await Promise.all([...untrusted, ...trusted]);
    expect(observed.maxRunning).toBe(4);
  });

  test('continues after a task that throws', async () => {
    const run = createSemaphore(1, 2);
    const failed = run(() => Promise.reject(new Error('no')), 'untrusted');
    const next = run(() => Promise.resolve('yes'), 'untrusted');
    await expect(failed).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
  });
});
