import { describe, expect, it } from 'vitest';
import { isSamePolicy, mergeExpiryPolicy, toTypedPolicy } from './merge-expiry-policy.ts';

const createPolicy = (defaultDays: number | null, maxDays: number | null) => ({
  ...{ defaultDays, maxDays, version: 1 },
});

describe('mergeExpiryPolicy', () => {
  it('keeps edits, takes the saved value of another field, and reports what was saved', () => {
    const edit = {
      original: createPolicy(null, 365),
      saved: createPolicy(30, 90),
      typed: { defaultDays: '', maxDays: '1' },
    };
    expect(mergeExpiryPolicy(edit)).toEqual({
      merged: { defaultDays: '30', maxDays: '1' },
      differences: [
        { label: 'Default, in days', saved: '30 days', typed: null },
        { label: 'Maximum, in days', saved: '90 days', typed: '1 day' },
      ],
    });
    const removed = mergeExpiryPolicy({ ...edit, saved: createPolicy(null, null) });
    expect(removed.differences).toEqual([{ label: 'Maximum, in days', saved: 'none', typed: '1 day' }]);
  });
});

describe('isSamePolicy', () => {
  it('compares lifetimes by their value, so that a retry after a lost response is no conflict', () => {
    const saved = createPolicy(null, 1_000);
    expect(isSamePolicy(toTypedPolicy(saved), saved)).toBe(true);
    expect(isSamePolicy({ defaultDays: ' ', maxDays: '1,000' }, saved)).toBe(true);
    expect(isSamePolicy({ defaultDays: '0', maxDays: '1000' }, saved)).toBe(false);
  });
});
