import { describe, expect, test } from 'vitest';
import { failureReason } from './failure-reason.ts';

const signedIn = { hasRecentAuth: false, roleChanged: false };
const signedOut = { hasRecentAuth: null, roleChanged: false };

describe('failureReason', () => {
  test('reports a changed role only if it did change, and never to a signed-in user', () => {
    expect(failureReason('role_changed', { ...signedOut, roleChanged: true })).toBe('role_changed');
    expect(failureReason('role_changed', signedOut)).toBe('signed_out');
    for (const roleChanged of [true, false]) {
      expect(failureReason('role_changed', { ...signedIn, roleChanged })).toBe('not_fresh');
      expect(failureReason('role_changed', { hasRecentAuth: true, roleChanged })).toBe(null);
    }
  });

  test('reports no other reason to a signed-out user', () => {
    for (const failed of [undefined, 'inactive', 'made-up', ['role_changed', 'role_changed']])
      for (const roleChanged of [true, false])
        expect(failureReason(failed, { ...signedOut, roleChanged })).toBe('signed_out');
  });

  test('reports to a signed-in user why it failed, or whether they have re-authenticated', () => {
    expect(failureReason('other_person', signedIn)).toBe('other_person');
    expect(failureReason('made-up', { ...signedIn, hasRecentAuth: true })).toBe('failed');
    expect(failureReason(['over', 'over'], signedIn)).toBe('failed');
    expect(failureReason(undefined, signedIn)).toBe('not_fresh');
    expect(failureReason(undefined, { ...signedIn, hasRecentAuth: true })).toBe(null);
  });
});
