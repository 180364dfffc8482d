import { describe, expect, it } from 'vitest';
import { ClientQueue } from './client-queue.ts';

const never = new AbortController().signal;
const createQueue = (limits = {}) =>
  new ClientQueue({ maxRunning: 2, maxWaiting: 3, maxWaitMs: 60_000, ...limits });

describe('ClientQueue', () => {
  it('runs as many requests of a client as allowed, and the others in the order of their arrival', async () => {
    const queue = createQueue();
    const started: number[] = [];
    const leave: (() => void)[] = [];
    const requests = [0, 1, 2, 3, 4].map(async (index) => {
      const end = await queue.enter('a', never);
      started.push(index);
      if (end) leave.push(end);
    });
    await Promise.all(requests.slice(0, 2));
    expect(started).toEqual([0, 1]);
    for (const index of [2, 3, 4]) {
      leave.shift()?.();
      await requests[index];
    }
    expect(started).toEqual([0, 1, 2, 3, 4]);
  });

  it('does not make a client wait for another one', async () => {
    const queue = createQueue({ maxRunning: 1 });
    await queue.enter('a', never);
    const waiting = queue.enter('a', never);
    expect(await queue.enter('b', never)).toBeTypeOf('function');
    expect(await Promise.race([waiting, 'waiting'])).toBe('waiting');
  });

  it('refuses a request if too many wait', async () => {
    const queue = createQueue({ maxRunning: 1, maxWaiting: 1 });
    const end = await queue.enter('a', never);
    const second = queue.enter('a', never);
    expect(await queue.enter('a', never)).toBeNull();
    end?.();
    expect(await second).toBeTypeOf('function');
  });

  it('refuses a request that has waited too long, and one whose client disconnects', async () => {
    const queue = createQueue({ maxRunning: 1, maxWaitMs: 1 });
    const end = await queue.enter('a', never);
    expect(await queue.enter('a', never)).toBeNull();
    const patient = new ClientQueue({ maxRunning: 0, maxWaiting: 9, maxWaitMs: 60_000 });
    const controller = new AbortController();
    const disconnected = patient.enter('a', controller.signal);
    controller.abort();
    expect(await disconnected).toBeNull();
    expect(await patient.enter('a', controller.signal)).toBeNull();
    // Neither took a place.
    end?.();
    expect(await queue.enter('a', never)).toBeTypeOf('function');
  });

  it('counts the end of a request once', async () => {
    const queue = createQueue({ maxRunning: 1, maxWaiting: 0 });
    const end = await queue.enter('a', never);
    end?.();
    await queue.enter('a', never);
    end?.();
    expect(await queue.enter('a', never)).toBeNull();
  });
});
