import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { BusyError, createSemaphore } from './semaphore.ts';

/** Work that ends when it is told to, and the most of it that ran at once. */
function observedWork() {
  const ends: (() => void)[] = [];
  let running = 0;
  const seen = { most: 0, started: 0 };
  const work = async () => {
    running += 1;
    seen.started += 1;
    seen.most = Math.max(seen.most, running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running -= 1;
  };
  return { work, seen, endOne: () => ends.shift()?.() };
}

test('lets four run at once, and the others after them', async () => {
  const { work, seen, endOne } = observedWork();
  const inTurn = createSemaphore(4, 100);
  const all = Promise.all(Array.from({ length: 30 }, () => inTurn(work)));
  for (let ended = 0; ended < 30; ended += 1) {
    await turn();
    expect(seen.started).toBe(Math.min(30, ended + 4));
    endOne();
  }
  await all;
  expect(seen.most).toBe(4);
});

test('rejects what would wait behind too many', async () => {
  const { work, endOne } = observedWork();
  const inTurn = createSemaphore(1, 2);
  const accepted = [inTurn(work), inTurn(work), inTurn(work)];
  await expect(inTurn(work)).rejects.toThrow(BusyError);
  for (let ended = 0; ended < 3; ended += 1) {
    endOne();
    await turn();
  }
  await Promise.all(accepted);
});

test('goes on after work that throws', async () => {
  const inTurn = createSemaphore(1, 2);
  const failed = inTurn(() => Promise.reject(new Error('no')));
  const next = inTurn(() => Promise.resolve('yes'));
  await expect(failed).rejects.toThrow('no');
  await expect(next).resolves.toBe('yes');
});
