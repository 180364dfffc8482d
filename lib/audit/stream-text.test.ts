import { setImmediate as waitForNextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { streamText } from './stream-text.ts';

/** Creates an endless generator of text, and tracks its progress. */
function createEndlessText() {
  const progress = { yielded: 0, hasEnded: false };
  async function* generate() {
    try {
      for (;;) {
        progress.yielded += 1;
        yield `ä${progress.yielded}\n`;
      }
    } finally {
      progress.hasEnded = true;
    }
  }
  return { progress, text: generate() };
}

describe('streamText', () => {
  test('generates at most one chunk more than is consumed', async () => {
    const { progress, text } = createEndlessText();
    const reader = streamText(text).getReader();
    for (let consumed = 1; consumed <= 5; consumed += 1) {
      const { value } = await reader.read();
      expect(new TextDecoder().decode(value)).toBe(`ä${consumed}\n`);
      for (let turns = 0; turns < 20; turns += 1) await waitForNextTurn();
      expect(progress.yielded).toBeLessThanOrEqual(consumed + 1);
    }
  });

  test('ends the generator when the stream is cancelled', async () => {
    const { progress, text } = createEndlessText();
    const reader = streamText(text).getReader();
    await reader.read();
    await reader.cancel();
    expect(progress.hasEnded).toBe(true);
  });

  test('ends with the last chunk, and fails if the generator throws', async () => {
    async function* yieldTwo() {
      yield 'a';
      yield 'b';
    }
    expect(await new Response(streamText(yieldTwo())).text()).toBe('ab');
    async function* yieldAndThrow() {
      yield 'a';
      throw new Error('the database is unavailable');
    }
    await expect(new Response(streamText(yieldAndThrow())).text()).rejects.toThrow(
      'the database is unavailable',
    );
  });
});
