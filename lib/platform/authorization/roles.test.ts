import { expect, test } from 'vitest';
import {
  authorizeAdministrator,
  authorizeUser,
  authorizeViewer,
  type CurrentUser,
  type Role,
} from './roles.ts';

const createUser = (role: Role | null): CurrentUser => ({
  userId: 'u',
  sessionId: 's',
  name: 'N',
  email: 'e',
  role,
  ipAddress: '192.0.2.1',
  hasRecentAuth: true,
  isMfaSetupRequired: false,
});

test('allows administrators to change and view', () => {
  const administrator = createUser('settings_administrator');
  expect(authorizeAdministrator(administrator)).toEqual({ ok: true, administrator });
  expect(authorizeViewer(administrator)).toEqual({ ok: true, viewer: administrator, administrator });
});

test('allows viewers only to view', () => {
  const viewer = createUser('settings_viewer');
  expect(authorizeViewer(viewer)).toEqual({ ok: true, viewer, administrator: null });
  expect(authorizeAdministrator(viewer)).toMatchObject({ ok: false, reason: 'wrong_role' });
});

test('refuses a user without a role, and names the roles that allow viewing', () => {
  const refusal = authorizeViewer(createUser(null));
  expect(refusal).toMatchObject({ ok: false, reason: 'wrong_role' });
  expect(refusal).toHaveProperty('message', expect.stringContaining('Settings Viewer'));
  expect(refusal).toHaveProperty('message', expect.stringContaining('Settings Administrator'));
  expect(authorizeAdministrator(createUser(null))).toMatchObject({ ok: false, reason: 'wrong_role' });
});

test('asks a user whose session has ended to sign in again', () => {
  expect(authorizeViewer(null)).toMatchObject({ ok: false, reason: 'signed_out' });
  const refusal = authorizeAdministrator(null);
  expect(refusal).toMatchObject({ ok: false, reason: 'signed_out' });
  expect(refusal).toHaveProperty('message', expect.stringContaining('Sign in again in another tab'));
});

test('allows a user without a required second factor neither to change nor to view', () => {
  const administrator = { ...createUser('settings_administrator'), isMfaSetupRequired: true };
  const refusal = {
    ok: false,
    reason: 'mfa_setup_required',
    message: expect.stringContaining('authenticator app'),
  };
  expect(authorizeAdministrator(administrator)).toEqual(refusal);
  expect(authorizeViewer(administrator)).toEqual(refusal);
  expect(authorizeUser(administrator)).toMatchObject({ ok: true });
});
