import { setTimeout as delay } from 'node:timers/promises';

/** Reads again and again, for 10 seconds at most, until what is read is right; gives back what was read last. */
export async function until<T>(read: () => Promise<T>, isRight: (value: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    const value = await read();
    if (isRight(value) || tries > 200) return value;
    await delay(50);
  }
}
