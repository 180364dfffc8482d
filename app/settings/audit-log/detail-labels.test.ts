import { describe, expect, it } from 'vitest';
import { formatLabel, formatValue } from './detail-labels.ts';

// Audit events are never changed, so old ones keep the former names.
describe('formatLabel and formatValue', () => {
  it('label former names of keys and values like the current ones', () => {
    expect(formatLabel('linkTries')).toBe(formatLabel('linkAttempts'));
    expect(formatLabel('act', 'filter')).toBe(formatLabel('action', 'filter'));
    expect(formatValue('act', 'sign_out')).toBe('Signed out');
    expect(formatValue('kind', 'objection')).toBe(formatValue('kind', 'change_report'));
    expect(formatValue('kind', 'objection')).not.toBe('Message');
    const notice = formatValue('notice', 'single_sign_on_forgotten');
    expect(notice).toBe(formatValue('notice', 'single_sign_on_unlinked'));
    expect(notice).toContain(' ');
  });
});
