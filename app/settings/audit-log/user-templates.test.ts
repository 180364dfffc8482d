import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '#lib/audit/schema.ts';
import { describeEntry } from './describe-entry.ts';

const ada = { id: 'a', name: 'Ada Minister', email: 'ada@example.com' };
const tom = { id: 't', name: 'Thomas Waits', email: 'tom@example.com' };
const viewer = { name: 'Thomas Waits', email: 'tom@example.com', role: 'settings_viewer' };
const administrator = { ...viewer, role: 'settings_administrator' };
const createEntry = (
  action: string,
  details: Record<string, unknown>,
  fields: Partial<AuditEntry> = {},
): AuditEntry => ({
  ...{
    id: 'e',
    at: new Date(0),
    outcome: 'done' as const,
    by: ada,
    accessToken: null,
    account: null,
    user: tom,
  },
  ...{ ipAddress: null, position: 1, digest: 'abc', action, details, ...fields },
});

describe('describeEntry', () => {
  it.each<[string, AuditEntry]>([
    [
      'Ada Minister gave Thomas Waits the Settings Administrator role',
      createEntry('user.edited', { before: { ...viewer, role: null }, after: administrator }),
    ],
    [
      'Ada Minister changed Thomas Waits’s role from Settings Administrator to Settings Viewer',
      createEntry('user.edited', { before: administrator, after: viewer }),
    ],
    [
      'Ada Minister removed the Settings Viewer role from Thomas Waits',
      createEntry('user.edited', { before: viewer, after: { ...viewer, role: null } }),
    ],
    [
      'Ada Minister removed the Settings Viewer role from Thomas Waits, and changed their email address from tom@example.com to t@example.com',
      createEntry('user.edited', {
        before: viewer,
        after: { ...viewer, role: null, email: 't@example.com' },
      }),
    ],
    [
      'Ada Minister changed Thomas Waits’s email address from t@example.com to tom@example.com, and changed Thomas Waits’s name from none to Thomas Waits',
      createEntry('user.edited', { before: { ...viewer, email: 't@example.com', name: '' }, after: viewer }),
    ],
    [
      'Ada Minister changed their own name from Ada to Ada Minister',
      createEntry('user.edited', { before: { name: 'Ada' }, after: { name: 'Ada Minister' } }, { user: ada }),
    ],
    ['Ada Minister edited their own details', createEntry('user.edited', {}, { user: ada })],
    ['Ada Minister edited the user Thomas Waits', createEntry('user.edited', {})],
    ['Ada Minister invited Thomas Waits as a Settings Viewer', createEntry('user.invited', viewer)],
    ['Ada Minister invited Thomas Waits without a role', createEntry('user.invited', { role: null })],
    [
      'Thomas Waits was added from the command line as a Settings Viewer',
      createEntry('user.created', { ...viewer, by: 'console' }, { by: null }),
    ],
    [
      'Thomas Waits was added at the first start as a Settings Administrator',
      createEntry('user.created', administrator, { by: null }),
    ],
    [
      'Thomas Waits’s password was reset from the command line, and their two-step sign-in was removed',
      createEntry('password.reset_at_console', { secondFactorRemoved: true }, { by: null }),
    ],
    [
      'Thomas Waits’s password was reset from the command line',
      createEntry('password.reset_at_console', { secondFactorRemoved: false }, { by: null }),
    ],
    [
      'Single sign-on gave Thomas Waits the Settings Viewer role',
      createEntry(
        'user.role_claimed',
        { before: { role: null }, after: { role: 'settings_viewer' } },
        { by: null },
      ),
    ],
    [
      'Thomas Waits kept the Settings Administrator role despite single sign-on: there is no other administrator',
      createEntry(
        'user.role_claimed',
        { before: administrator, after: viewer },
        { by: null, outcome: 'refused' },
      ),
    ],
  ])('describes an action on a user: %s', (description, entry) => {
    const parts = describeEntry(entry);
    expect(parts.map(({ text }) => text).join('')).toBe(description);
  });
});
