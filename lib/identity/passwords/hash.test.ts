import { hash, parseOptions } from '@node-rs/argon2';
import { expect, test } from 'vitest';
import { DUMMY_HASH, hashPassword, needsRehash, verifyPassword } from './hash.ts';

test("hashes with OWASP's parameters and a salt of its own", async () => {
  const [one, other] = await Promise.all([hashPassword('swordfish'), hashPassword('swordfish')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(other).not.toBe(one);
});

test('knows the right password from others', async () => {
  const stored = await hashPassword('swordfish');
  expect(await verifyPassword(stored, 'swordfish')).toBe(true);
  for (const wrong of ['Swordfish', 'swordfish ', '', 'swordfis', 'x'.repeat(256)]) {
    expect(await verifyPassword(stored, wrong)).toBe(false);
  }
});

test('compares an unknown address with a hash of the same parameters, and rejects it', async () => {
  // sign-in.database.test.ts measures that the comparison takes place.
  expect(parseOptions(DUMMY_HASH)).toEqual(parseOptions(await hashPassword('swordfish')));
  expect(await verifyPassword(null, 'swordfish')).toBe(false);
});

test.each([
  ['less memory', { memoryCost: 9_728, timeCost: 2, parallelism: 1 }, true],
  ['fewer passes', { memoryCost: 19_456, timeCost: 1, parallelism: 1 }, true],
  ['another kind', { memoryCost: 19_456, timeCost: 2, parallelism: 1, algorithm: 1 }, true],
  ['the same', { memoryCost: 19_456, timeCost: 2, parallelism: 1 }, false],
  ['more of both', { memoryCost: 38_912, timeCost: 3, parallelism: 1 }, false],
])('finds a hash with %s outdated or not', async (_, parameters, outdated) => {
  expect(needsRehash(await hash('swordfish', parameters))).toBe(outdated);
});
