import { expect, test } from 'vitest';
import {
  authorizeAdministrator,
  authorizeUser,
  authorizeViewer,
  type CurrentUser,
  type Role,
} from './roles.ts';

const person = (role: Role | null): CurrentUser => ({
  userId: 'u',
  sessionId: 's',
  name: 'N',
  email: 'e',
  role,
  address: '192.0.2.1',
  hasRecentAuth: true,
  mfaSetupRequired: false,
});

test('lets administrators change and see', () => {
  const administrator = person('settings_administrator');
  expect(authorizeAdministrator(administrator)).toEqual({ ok: true, administrator });
  expect(authorizeViewer(administrator)).toEqual({ ok: true, viewer: administrator, administrator });
});

test('lets viewers see only', () => {
  const viewer = person('settings_viewer');
  expect(authorizeViewer(viewer)).toEqual({ ok: true, viewer, administrator: null });
  expect(authorizeAdministrator(viewer)).toMatchObject({ ok: false, reason: 'wrong_role' });
});

test('tells someone without a role which one is needed', () => {
  const refusal = authorizeViewer(person(null));
  expect(refusal).toMatchObject({ ok: false, reason: 'wrong_role' });
  expect(refusal).toHaveProperty('message', expect.stringContaining('Settings Viewer'));
  expect(refusal).toHaveProperty('message', expect.stringContaining('Settings Administrator'));
  expect(authorizeAdministrator(person(null))).toMatchObject({ ok: false, reason: 'wrong_role' });
});

test('tells someone whose session has ended what to do', () => {
  expect(authorizeViewer(null)).toMatchObject({ ok: false, reason: 'signed_out' });
  const refusal = authorizeAdministrator(null);
  expect(refusal).toMatchObject({ ok: false, reason: 'signed_out' });
  expect(refusal).toHaveProperty('message', expect.stringContaining('Sign in again in another tab'));
});

test('lets nobody do or see anything who has to set up a second factor first', () => {
  const administrator = { ...person('settings_administrator'), mfaSetupRequired: true };
  const refused = {
    ok: false,
    reason: 'mfa_setup_required',
    message: expect.stringContaining('authenticator app'),
  };
  expect(authorizeAdministrator(administrator)).toEqual(refused);
  expect(authorizeViewer(administrator)).toEqual(refused);
  expect(authorizeUser(administrator)).toMatchObject({ ok: true });
});
