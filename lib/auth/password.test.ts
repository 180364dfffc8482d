import { hash } from '@node-rs/argon2';
import { expect, test } from 'vitest';
import { hashPassword, isOutdated, isPassword } from './password.ts';

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

test("hashes with OWASP's parameters and a salt of its own", async () => {
  const [one, other] = await Promise.all([hashPassword('swordfish'), hashPassword('swordfish')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(other).not.toBe(one);
});

test('knows the right password from others', async () => {
  const stored = await hashPassword('swordfish');
  expect(await isPassword(stored, 'swordfish')).toBe(true);
  for (const wrong of ['Swordfish', 'swordfish ', '', 'swordfis', 'x'.repeat(256)]) {
    expect(await isPassword(stored, wrong)).toBe(false);
  }
});

test('takes as long where nobody has the address, and is false', async () => {
  const stored = await hashPassword('swordfish');
  const times = { known: [] as number[], unknown: [] as number[] };
  for (let run = 0; run < 15; run += 1) {
    times.known.push(await timed(() => isPassword(stored, 'wrong')));
    times.unknown.push(await timed(() => isPassword(null, 'wrong')));
  }
  // The fastest of each, in turns: whatever else the machine is at only makes them slower.
  const ratio = Math.min(...times.unknown) / Math.min(...times.known);
  expect(await isPassword(null, 'swordfish')).toBe(false);
  expect(ratio).toBeGreaterThan(0.5);
  expect(ratio).toBeLessThan(2);
});

test.each([
  ['less memory', { memoryCost: 9_728, timeCost: 2, parallelism: 1 }, true],
  ['fewer passes', { memoryCost: 19_456, timeCost: 1, parallelism: 1 }, true],
  ['another kind', { memoryCost: 19_456, timeCost: 2, parallelism: 1, algorithm: 1 }, true],
  ['the same', { memoryCost: 19_456, timeCost: 2, parallelism: 1 }, false],
  ['more of both', { memoryCost: 38_912, timeCost: 3, parallelism: 1 }, false],
])('finds a hash with %s outdated or not', async (_, parameters, outdated) => {
  expect(isOutdated(await hash('swordfish', parameters))).toBe(outdated);
});
