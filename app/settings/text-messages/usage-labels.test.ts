import { expect, it } from 'vitest';
import { formatConsequence, formatUsed } from './usage-labels.ts';

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
  expect(formatUsed(used)).toBe(first);
  expect(formatConsequence(used)).toBe(second);
});

it('says what happens where all are used, also of a ceiling that was lowered', () => {
  expect(formatUsed(use(200, 50))).toBe('All of today’s 50 texts are used');
  expect(formatConsequence(use(200, 50))).toMatch(
    /^Links still go out by email.* start again at midnight UTC\.$/,
  );
});

it('says where texts are switched off, which no midnight ends', () => {
  expect(formatUsed(use(0, 0))).toBe('Texts are switched off: the ceiling is 0 a day');
  expect(formatConsequence(use(0, 0))).not.toContain('midnight');
});
