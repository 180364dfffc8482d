import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeEdits } from './merge-edits.ts';

const FIELDS = ['name', 'email'] as const;
const original = { name: 'Ada', email: 'ada@example.com' };

describe('mergeEdits', () => {
  it('keeps an edited field and reports that the saved value differs', () => {
    const edits = { original, saved: { ...original, name: 'Grace' }, typed: { ...original, name: 'Mary' } };
    expect(mergeEdits(FIELDS, edits)).toEqual({
      merged: { ...original, name: 'Mary' },
      changes: [{ field: 'name', isDisputed: true }],
    });
  });

  it('takes the saved value of a field that was not edited', () => {
    const edits = {
      original,
      saved: { ...original, name: 'Grace' },
      typed: { ...original, email: 'a@b.org' },
    };
    expect(mergeEdits(FIELDS, edits)).toEqual({
      merged: { name: 'Grace', email: 'a@b.org' },
      changes: [{ field: 'name', isDisputed: false }],
    });
  });

  it('reports no dispute if both administrators made the same change', () => {
    const grace = { ...original, name: 'Grace' };
    expect(mergeEdits(FIELDS, { original, saved: grace, typed: grace })).toEqual({
      merged: grace,
      changes: [{ field: 'name', isDisputed: false }],
    });
  });

  it('compares fields with the given function', () => {
    const isSame = (field: 'name' | 'email', one: typeof original, other: typeof original) =>
      one[field].trim() === other[field].trim();
    const edits = { original, saved: { ...original, name: 'Grace' }, typed: { ...original, name: ' Ada ' } };
    expect(mergeEdits(FIELDS, edits, isSame)).toEqual({
      merged: { ...original, name: 'Grace' },
      changes: [{ field: 'name', isDisputed: false }],
    });
  });

  it('returns only the named fields', () => {
    const versioned = { ...original, version: 1 };
    const { merged } = mergeEdits(FIELDS, { original: versioned, saved: versioned, typed: versioned });
    expect(merged).toEqual(original);
  });

  it('keeps each edit, takes the saved value of every other field, and reports each saved change', () => {
    const values = fc.record({ name: fc.constantFrom('a', 'b', 'c'), email: fc.constantFrom('a', 'b') });
    fc.assert(
      fc.property(values, values, values, (original, saved, typed) => {
        const { merged, changes } = mergeEdits(FIELDS, { original, saved, typed });
        for (const field of FIELDS) {
          const isEdited = typed[field] !== original[field];
          expect(merged[field]).toBe(isEdited ? typed[field] : saved[field]);
          const change = changes.find((each) => each.field === field);
          expect(change !== undefined).toBe(saved[field] !== original[field]);
          if (change) expect(change.isDisputed).toBe(merged[field] !== saved[field]);
        }
      }),
    );
  });
});
