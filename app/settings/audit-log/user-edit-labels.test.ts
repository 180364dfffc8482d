import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '#lib/audit/schema.ts';
import { describeEntry } from './describe-entry.ts';

const ada = { id: 'a', name: 'Ada Minister', email: 'ada@example.com' };
const tom = { id: 't', name: 'Thomas Waits', email: 'tom@example.com' };
const viewer = { name: 'Thomas Waits', email: 'tom@example.com', role: 'settings_viewer' };
const administrator = { ...viewer, role: 'settings_administrator' };
const onTom = (
  action: string,
  details: Record<string, unknown>,
  fields: Partial<AuditEntry> = {},
): AuditEntry => ({
  ...{ id: 'e', at: new Date(0), outcome: 'done' as const, by: ada, account: null, user: tom },
  ...{ address: null, position: 1, digest: 'abc', action, details, ...fields },
});

describe('describeEntry', () => {
  it.each<[string, AuditEntry]>([
    [
      'Ada Minister made Thomas Waits a Settings Administrator',
      onTom('user.edited', { before: { ...viewer, role: null }, after: administrator }),
    ],
    [
      'Ada Minister made Thomas Waits a Settings Viewer instead of a Settings Administrator',
      onTom('user.edited', { before: administrator, after: viewer }),
    ],
    [
      'Ada Minister took the role Settings Viewer from Thomas Waits',
      onTom('user.edited', { before: viewer, after: { ...viewer, role: null } }),
    ],
    [
      'Ada Minister took the role Settings Viewer from Thomas Waits, and changed their email address from tom@example.com to t@example.com',
      onTom('user.edited', { before: viewer, after: { ...viewer, role: null, email: 't@example.com' } }),
    ],
    [
      'Ada Minister changed the email address of Thomas Waits from t@example.com to tom@example.com, and changed the name of Thomas Waits from none to Thomas Waits',
      onTom('user.edited', { before: { ...viewer, email: 't@example.com', name: '' }, after: viewer }),
    ],
    [
      'Ada Minister changed their own name from Ada to Ada Minister',
      onTom('user.edited', { before: { name: 'Ada' }, after: { name: 'Ada Minister' } }, { user: ada }),
    ],
    ['Ada Minister edited their own details', onTom('user.edited', {}, { user: ada })],
    ['Ada Minister edited the user Thomas Waits', onTom('user.edited', {})],
    ['Ada Minister invited Thomas Waits as a Settings Viewer', onTom('user.invited', viewer)],
    ['Ada Minister invited Thomas Waits without a role', onTom('user.invited', { role: null })],
    [
      'Thomas Waits was added at the console as a Settings Viewer',
      onTom('user.created', { ...viewer, by: 'console' }, { by: null }),
    ],
    [
      'Thomas Waits was added at the first start as a Settings Administrator',
      onTom('user.created', administrator, { by: null }),
    ],
    [
      'The password of Thomas Waits was reset at the console, and their second factor was removed',
      onTom('password.reset_at_console', { secondFactorRemoved: true }, { by: null }),
    ],
    [
      'The password of Thomas Waits was reset at the console',
      onTom('password.reset_at_console', { secondFactorRemoved: false }, { by: null }),
    ],
    [
      'Single sign-on made Thomas Waits a Settings Viewer, as their provider says',
      onTom(
        'user.role_claimed',
        { before: { role: null }, after: { role: 'settings_viewer' } },
        { by: null },
      ),
    ],
    [
      'Thomas Waits kept the role Settings Administrator, though their provider gives another one: no other administrator is left',
      onTom('user.role_claimed', { before: administrator, after: viewer }, { by: null, outcome: 'refused' }),
    ],
  ])('describes a change of a user: %s', (description, entry) => {
    const parts = describeEntry(entry);
    expect(parts.map(({ text }) => text).join('')).toBe(description);
  });
});
