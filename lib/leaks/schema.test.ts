import { describe, expect, it } from 'vitest';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { checkLeakReport } from './check-input.ts';
import { leakReportSchema } from './schema.ts';

const key = generateKey('stagekey');

describe('leakReportSchema', () => {
  it.each(['', ' ', 'github.com/x'])('accepts a text with the address %j', (url) => {
    expect(leakReportSchema.safeParse({ text: key, url }).success).toBe(true);
    expect(checkLeakReport({ text: key, url })).toEqual({});
  });

  it.each([
    { text: ' \n', url: '' },
    { text: 'x'.repeat(10_001), url: '' },
    { text: key, url: 'in a chat' },
    { text: key, url: `https://example.org/${'a'.repeat(4_000)}` },
    { text: '', url: 'in a chat' },
  ])('refuses %j with the errors that the browser finds', (report) => {
    const issues = leakReportSchema.safeParse(report).error?.issues ?? [];
    expect(issues).not.toEqual([]);
    const found = Object.fromEntries(issues.map(({ path: [field], message }) => [field, message]));
    expect(checkLeakReport(report)).toEqual(found);
  });

  it.each([{ text: key }, { text: [key], url: '' }])('refuses %j, which the form cannot send', (report) => {
    expect(leakReportSchema.safeParse(report).success).toBe(false);
  });
});
