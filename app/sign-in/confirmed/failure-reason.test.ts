import { describe, expect, test } from 'vitest';
import { getFailureReason } from './failure-reason.ts';

const SIGNED_IN = { hasRecentAuth: false, isRoleChanged: false };
const SIGNED_OUT = { hasRecentAuth: null, isRoleChanged: false };

describe('getFailureReason', () => {
  test('reports a changed role only if the role did change, and never to a signed-in user', () => {
    expect(getFailureReason('role_changed', { ...SIGNED_OUT, isRoleChanged: true })).toBe('role_changed');
    expect(getFailureReason('role_changed', SIGNED_OUT)).toBe('signed_out');
    for (const isRoleChanged of [true, false]) {
      expect(getFailureReason('role_changed', { ...SIGNED_IN, isRoleChanged })).toBe('stale_authentication');
      expect(getFailureReason('role_changed', { hasRecentAuth: true, isRoleChanged })).toBe(null);
    }
  });

  test('reports only that the user is signed out for any other reason', () => {
    for (const failed of [undefined, 'inactive', 'made-up', ['role_changed', 'role_changed']])
      for (const isRoleChanged of [true, false])
        expect(getFailureReason(failed, { ...SIGNED_OUT, isRoleChanged })).toBe('signed_out');
  });

  test('reports to a signed-in user why re-authentication failed, or null if it succeeded', () => {
    expect(getFailureReason('wrong_account', SIGNED_IN)).toBe('wrong_account');
    expect(getFailureReason('made-up', { ...SIGNED_IN, hasRecentAuth: true })).toBe('failed');
    expect(getFailureReason(['expired', 'expired'], SIGNED_IN)).toBe('failed');
    expect(getFailureReason(undefined, SIGNED_IN)).toBe('stale_authentication');
    expect(getFailureReason(undefined, { ...SIGNED_IN, hasRecentAuth: true })).toBe(null);
  });
});
