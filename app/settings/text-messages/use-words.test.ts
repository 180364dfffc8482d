import { expect, it } from 'vitest';
import { consequenceInWords, usedInWords } from './use-words.ts';

const use = (queued: number, perDay: number) => ({ queued, perDay, refused: 0 });

it.each([
  [
    use(0, 200),
    '0 of today’s 200 texts are used',
    '200 are left until midnight UTC; any further ones are refused.',
  ],
  [
    use(1_199, 1_200),
    '1,199 of today’s 1,200 texts are used',
    '1 is left until midnight UTC; any further ones are refused.',
  ],
])('says what is used and what is left: %j', (used, first, second) => {
  expect(usedInWords(used)).toBe(first);
  expect(consequenceInWords(used)).toBe(second);
});

it('says what happens where all are used, also of a ceiling that was lowered', () => {
  expect(usedInWords(use(200, 50))).toBe('All of today’s 50 texts are used');
  expect(consequenceInWords(use(200, 50))).toMatch(
    /^Links still go out by email.* start again at midnight UTC\.$/,
  );
});

it('says where texts are switched off, which no midnight ends', () => {
  expect(usedInWords(use(0, 0))).toBe('Texts are switched off: the ceiling is 0 a day');
  expect(consequenceInWords(use(0, 0))).not.toContain('midnight');
});
