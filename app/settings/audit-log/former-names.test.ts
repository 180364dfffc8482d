import { expect, it } from 'vitest';
import { formatLabel, formatValue } from './detail-labels.ts';

// Entries of the audit log keep the names of the time when they were written.
it('labels keys and values of details in the same way under their earlier names', () => {
  expect(formatLabel('linkTries')).toBe(formatLabel('linkAttempts'));
  expect(formatLabel('act', 'filter')).toBe(formatLabel('action', 'filter'));
  expect(formatValue('act', 'sign_out')).toBe('Signed out');
  expect(formatValue('kind', 'objection')).toBe(formatValue('kind', 'change_report'));
  expect(formatValue('kind', 'objection')).not.toBe('Message');
  const notice = formatValue('notice', 'single_sign_on_forgotten');
  expect(notice).toBe(formatValue('notice', 'single_sign_on_unlinked'));
  expect(notice).toContain(' ');
});
