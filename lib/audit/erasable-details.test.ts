import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  digestErasableDetails,
  ERASABLE_DIGEST,
  matchesErasableDigest,
  mergeErasableDetails,
  sealErasableDetails,
} from './erasable-details.ts';

const details = fc.dictionary(fc.string(), fc.jsonValue());
const salt = fc.uint8Array({ minLength: 32, maxLength: 32 });
const reverseKeys = (value: Record<string, unknown>) => Object.fromEntries(Object.entries(value).reverse());
const seal = (value: Record<string, unknown>) => {
  const { digest, ...row } = sealErasableDetails(value);
  return { ...row, entryDetails: { [ERASABLE_DIGEST]: digest } };
};

/** SHA-256 of 32 bytes of 1 and `{"email":"a@example.com","phone":"+44"}`. */
const EXPECTED_DIGEST = 'df7dad9e5211e3fd26bcdb309db2af1d208bb90403f1fa272357fc41f4e103de';

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const sorted = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return sorted.map(([key, member]) => [key, sortKeys(member)]);
}

describe('digest of erasable details', () => {
  it('matches the details that were read back from JSON, in any order of keys', () => {
    fc.assert(
      fc.property(details, (value) => {
        const { entryDetails, ...row } = seal(value);
        const stored = reverseKeys(JSON.parse(JSON.stringify(row.details)));
        expect(matchesErasableDigest(entryDetails, row.salt, stored)).toBe(true);
      }),
    );
  });

  it('matches no other details, no other salt and no shorter one', () => {
    fc.assert(
      fc.property(details, details, salt, (value, otherValue, otherSalt) => {
        const { entryDetails, ...row } = seal(value);
        const isSame = JSON.stringify(sortKeys(value)) === JSON.stringify(sortKeys(otherValue));
        expect(matchesErasableDigest(entryDetails, row.salt, otherValue)).toBe(isSame);
        expect(matchesErasableDigest(entryDetails, otherSalt, value)).toBe(false);
        expect(matchesErasableDigest(entryDetails, row.salt.subarray(1), value)).toBe(false);
        expect(matchesErasableDigest({}, row.salt, value)).toBe(false);
      }),
    );
  });

  it('has a new salt of 256 bits each time, so that equal details have different digests', () => {
    const sealed = Array.from({ length: 100 }, () => sealErasableDetails({ email: 'it@example.com' }));
    expect(new Set(sealed.map(({ digest }) => digest)).size).toBe(100);
    expect(new Set(sealed.map((row) => row.salt.toString('hex'))).size).toBe(100);
    for (const row of sealed) expect(row.salt).toHaveLength(32);
  });

  it('stays the same in later versions, because it is stored', () => {
    expect(digestErasableDetails(Buffer.alloc(32, 1), { phone: '+44', email: 'a@example.com' })).toBe(
      EXPECTED_DIGEST,
    );
  });
});

describe('mergeErasableDetails', () => {
  it('returns what was recorded, if each value is in one of the two parts', () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.constant(null));
    const part = fc.dictionary(fc.string({ minLength: 1 }), value);
    fc.assert(
      fc.property(part, part, part, (top, before, after) => {
        const whole = { ...top, before, after };
        const isErasable = (name: string) => name.length % 2 === 0;
        const select = (record: Record<string, unknown>, erasable: boolean) =>
          Object.fromEntries(Object.entries(record).filter(([name]) => isErasable(name) === erasable));
        const split = (erasable: boolean) => ({
          ...select(top, erasable),
          before: select(before, erasable),
          after: select(after, erasable),
        });
        const entryDetails = { ...split(false), [ERASABLE_DIGEST]: 'x' };
        expect(mergeErasableDetails(entryDetails, split(true))).toEqual(whole);
      }),
    );
  });

  it('says that they were erased, and keeps the others', () => {
    expect(mergeErasableDetails({ username: 'A', [ERASABLE_DIGEST]: 'x' }, null)).toEqual({
      username: 'A',
      contactDetails: 'erased',
    });
  });

  it('does not change the details of an entry without erasable details', () => {
    expect(mergeErasableDetails({ email: 'it@example.com' }, null)).toEqual({ email: 'it@example.com' });
  });
});
