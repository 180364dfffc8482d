import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hasDraft, readDraft, removeDraft, removeDrafts, saveDraft } from './draft-storage.ts';

const schema = z.object({ email: z.string() });
const VALUES = { email: 'it@example.com' };

/** The parts of the browser's `Storage` that drafts use; the keys are the object's own properties, as in browsers. */
function createStorage(): Storage {
  const storage = Object.create({
    getItem: (key: string) => (Object.hasOwn(storage, key) ? storage[key] : null),
    setItem: (key: string, value: string) => {
      storage[key] = value;
    },
    removeItem: (key: string) => delete storage[key],
  });
  return storage;
}

let storage: Storage;
beforeEach(() => {
  storage = createStorage();
});

describe('drafts', () => {
  it('returns what its owner typed', () => {
    saveDraft('invite', 'ada', VALUES, storage);
    expect(readDraft('invite', 'ada', schema, storage)).toEqual(VALUES);
    removeDraft('invite', storage);
    expect(readDraft('invite', 'ada', schema, storage)).toBeNull();
  });

  it('returns nothing to another user of the same tab', () => {
    saveDraft('invite', 'ada', VALUES, storage);
    expect(readDraft('invite', 'ben', schema, storage)).toBeNull();
    expect(hasDraft('invite', 'ben', storage)).toBe(false);
  });

  it.each(['', '{', '[]', '{"owner":"ada"}', '{"owner":"ada","values":{"email":1}}'])(
    'ignores a draft of another shape: %j',
    (text) => {
      storage.setItem('stagedoor.draft.invite', text);
      expect(readDraft('invite', 'ada', schema, storage)).toBeNull();
    },
  );

  it('works without a storage', () => {
    saveDraft('invite', 'ada', VALUES, null);
    removeDrafts({}, null);
    expect(readDraft('invite', 'ada', schema, null)).toBeNull();
  });

  it('ignores a storage that is full', () => {
    const full = Object.assign(Object.create(storage), {
      setItem: () => {
        throw new Error('QuotaExceededError');
      },
    });
    expect(() => saveDraft('invite', 'ada', VALUES, full)).not.toThrow();
  });

  it('removes the drafts of other users, and nothing else', () => {
    saveDraft('invite', 'ada', VALUES, storage);
    saveDraft('new-account', 'ben', VALUES, storage);
    storage.setItem('other', 'x');
    removeDrafts({ except: 'ben' }, storage);
    expect(Object.keys(storage).sort()).toEqual(['other', 'stagedoor.draft.new-account']);
    removeDrafts({}, storage);
    expect(Object.keys(storage)).toEqual(['other']);
  });
});
