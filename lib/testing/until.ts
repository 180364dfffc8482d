import { setTimeout as delay } from 'node:timers/promises';

/** Polls until the value satisfies the predicate, for about 10 seconds at most. Returns the last value in both cases. */
export async function until<T>(read: () => Promise<T>, predicate: (value: T) => boolean): Promise<T> {
  for (let attempts = 0; ; attempts += 1) {
    const value = await read();
    if (predicate(value) || attempts > 200) return value;
    await delay(50);
  }
}
