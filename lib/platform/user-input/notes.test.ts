import { describe, expect, it } from 'vitest';
import { normalizeNotes } from './notes.ts';

describe(normalizeNotes, () => {
  it.each([
    ['  Ask Jane first.  \r\n\r\nMoves in May\u0000 \n\n', 'Ask Jane first.\n\nMoves in May'],
    ['a\rb\u2028c', 'a\nb\nc'],
    ['tab\there', 'tab here'],
    ['Cafe\u0301', 'Café'],
    ['lone \ud800 surrogate', 'lone  surrogate'],
    ['👩‍💻 می‌خواهم', '👩‍💻 می‌خواهم'],
    ['', ''],
  ])('normalises %j to %j', (text, expected) => {
    expect(normalizeNotes(text)).toBe(expected);
  });
});
