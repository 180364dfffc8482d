import { describe, expect, it } from 'vitest';
import { mergeEdits } from './edit-conflict.ts';

const opened = { email: 'old@example.com', phone: '+447700900001', active: true, requestsPerMinute: '' };

describe('two editors of one account', () => {
  it('keeps what was typed and shows it against what was saved', () => {
    const typed = { ...opened, email: 'mine@example.com' };
    const saved = { ...opened, email: 'theirs@example.com' };
    const { merged, differences } = mergeEdits({ opened, saved, typed });
    expect(merged.email).toBe('mine@example.com');
    expect(differences).toEqual([{ field: 'email', saved: 'theirs@example.com', typed: 'mine@example.com' }]);
  });

  it('takes what was saved into a field that was not touched, and says so', () => {
    const typed = { ...opened, email: 'mine@example.com' };
    const saved = { ...opened, active: false };
    const { merged, differences } = mergeEdits({ opened, saved, typed });
    expect(merged).toEqual({ ...opened, email: 'mine@example.com', active: false });
    expect(differences).toEqual([{ field: 'active', saved: 'No', typed: null }]);
  });

  it('sees no difference where both wrote the same number', () => {
    const typed = { ...opened, phone: '+44 7700 900-002' };
    const saved = { ...opened, phone: '+447700900002' };
    expect(mergeEdits({ opened, saved, typed }).differences).toEqual([
      { field: 'phone', saved: '+447700900002', typed: null },
    ]);
  });

  it('compares limits by what they mean, and shows an empty one in words', () => {
    const limited = { ...opened, requestsPerMinute: '1,000' };
    const theirs = { ...opened, requestsPerMinute: 1_000 };
    expect(mergeEdits({ opened, saved: theirs, typed: limited }).differences).toEqual([
      { field: 'requestsPerMinute', saved: '1,000', typed: null },
    ]);
    const emptied = { ...opened, requestsPerMinute: ' ' };
    const { merged, differences } = mergeEdits({
      opened: { ...opened, requestsPerMinute: 60 },
      saved: theirs,
      typed: emptied,
    });
    expect(merged.requestsPerMinute).toBe(' ');
    expect(differences).toEqual([{ field: 'requestsPerMinute', saved: '1,000', typed: 'Left empty' }]);
    const taken = mergeEdits({ opened, saved: theirs, typed: { ...opened, active: false } }).merged;
    expect(taken).toEqual({ ...opened, active: false, requestsPerMinute: 1_000 });
  });

  it('has nothing to show where the saved values are what the editor was opened with', () => {
    const typed = { ...opened, active: false };
    expect(mergeEdits({ opened, saved: opened, typed })).toEqual({ merged: typed, differences: [] });
  });
});
