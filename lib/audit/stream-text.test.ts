import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { streamText } from './stream-text.ts';

/** Creates an endless generator, and tracks its progress. */
function createEndless() {
  const progress = { yielded: 0, ended: false };
  async function* generate() {
    try {
      for (;;) {
        progress.yielded += 1;
        yield `ä${progress.yielded}\n`;
      }
    } finally {
      progress.ended = true;
    }
  }
  return { progress, text: generate() };
}

test('generates no more than is consumed', async () => {
  const { progress, text } = createEndless();
  const reader = streamText(text).getReader();
  for (let consumed = 1; consumed <= 5; consumed += 1) {
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toBe(`ä${consumed}\n`);
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(progress.yielded).toBeLessThanOrEqual(consumed + 1);
  }
});

test('ends the generator when the stream is cancelled', async () => {
  const { progress, text } = createEndless();
  const reader = streamText(text).getReader();
  await reader.read();
  await reader.cancel();
  expect(progress.ended).toBe(true);
});

test('ends with the last chunk, and fails if the generator throws', async () => {
  async function* two() {
    yield 'a';
    yield 'b';
  }
  expect(await new Response(streamText(two())).text()).toBe('ab');
  async function* failing() {
    yield 'a';
    throw new Error('the database is unavailable');
  }
  await expect(new Response(streamText(failing())).text()).rejects.toThrow('the database is unavailable');
});
