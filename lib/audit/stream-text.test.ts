import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { streamText } from './stream-text.ts';

/** Pieces without end, and what became of their making. */
function endless() {
  const seen = { made: 0, ended: false };
  async function* make() {
    try {
      for (;;) {
        seen.made += 1;
        yield `ä${seen.made}\n`;
      }
    } finally {
      seen.ended = true;
    }
  }
  return { seen, text: make() };
}

test('makes no more than is taken', async () => {
  const { seen, text } = endless();
  const reader = streamText(text).getReader();
  for (let taken = 1; taken <= 5; taken += 1) {
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toBe(`ä${taken}\n`);
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(seen.made).toBeLessThanOrEqual(taken + 1);
  }
});

test('ends the making where the taker goes away', async () => {
  const { seen, text } = endless();
  const reader = streamText(text).getReader();
  await reader.read();
  await reader.cancel();
  expect(seen.ended).toBe(true);
});

test('ends with the last piece, and fails where the making does', async () => {
  async function* two() {
    yield 'a';
    yield 'b';
  }
  expect(await new Response(streamText(two())).text()).toBe('ab');
  async function* failing() {
    yield 'a';
    throw new Error('the database is away');
  }
  await expect(new Response(streamText(failing())).text()).rejects.toThrow('the database is away');
});
