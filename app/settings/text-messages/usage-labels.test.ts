import { describe, expect, it } from 'vitest';
import { formatConsequence, formatUsed } from './usage-labels.ts';

const usage = (queued: number, perDay: number) => ({ queued, perDay, refused: 0 });

describe('formatUsed and formatConsequence', () => {
  it.each([
    [
      usage(0, 200),
      '0 of today’s 200 texts are used',
      '200 are left until midnight UTC; any further ones are refused.',
    ],
    [
      usage(1_199, 1_200),
      '1,199 of today’s 1,200 texts are used',
      '1 is left until midnight UTC; any further ones are refused.',
    ],
  ])('describes what is used and what is left: %j', (partlyUsed, used, consequence) => {
    expect(formatUsed(partlyUsed)).toBe(used);
    expect(formatConsequence(partlyUsed)).toBe(consequence);
  });

  it('describes the consequence if all are used, also after the limit was lowered', () => {
    expect(formatUsed(usage(200, 50))).toBe('All of today’s 50 texts are used');
    expect(formatConsequence(usage(200, 50))).toMatch(
      /^Links still go out by email.* start again at midnight UTC\.$/,
    );
  });

  it('mentions no midnight if the limit is 0', () => {
    expect(formatUsed(usage(0, 0))).toBe('Texts are switched off: the ceiling is 0 a day');
    expect(formatConsequence(usage(0, 0))).not.toContain('midnight');
  });
});
