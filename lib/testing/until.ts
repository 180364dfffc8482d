import { setTimeout as delay } from 'node:timers/promises';

/** Polls for at most 10 seconds until the value satisfies the predicate; returns the last value. */
export async function until<T>(read: () => Promise<T>, predicate: (value: T) => boolean): Promise<T> {
  for (let attempts = 0; ; attempts += 1) {
    const value = await read();
    if (predicate(value) || attempts > 200) return value;
    await delay(50);
  }
}
