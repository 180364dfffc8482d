import { expect, test } from 'vitest';
import { judgeAdministrator, judgePerson, judgeViewer, type Person, type Role } from './roles.ts';

const person = (role: Role | null): Person => ({
  userId: 'u',
  sessionId: 's',
  name: 'N',
  email: 'e',
  role,
  address: '192.0.2.1',
  provenRecently: true,
  factorMissing: false,
});

test('lets administrators change and see', () => {
  const administrator = person('settings_administrator');
  expect(judgeAdministrator(administrator)).toEqual({ ok: true, administrator });
  expect(judgeViewer(administrator)).toEqual({ ok: true, viewer: administrator, administrator });
});

test('lets viewers see only', () => {
  const viewer = person('settings_viewer');
  expect(judgeViewer(viewer)).toEqual({ ok: true, viewer, administrator: null });
  expect(judgeAdministrator(viewer)).toMatchObject({ ok: false, reason: 'wrong_role' });
});

test('tells someone without a role which one is needed', () => {
  const refusal = judgeViewer(person(null));
  expect(refusal).toMatchObject({ ok: false, reason: 'wrong_role' });
  expect(refusal).toHaveProperty('message', expect.stringContaining('Settings Viewer'));
  expect(refusal).toHaveProperty('message', expect.stringContaining('Settings Administrator'));
  expect(judgeAdministrator(person(null))).toMatchObject({ ok: false, reason: 'wrong_role' });
});

test('tells someone whose session has ended what to do', () => {
  expect(judgeViewer(null)).toMatchObject({ ok: false, reason: 'signed_out' });
  const refusal = judgeAdministrator(null);
  expect(refusal).toMatchObject({ ok: false, reason: 'signed_out' });
  expect(refusal).toHaveProperty('message', expect.stringContaining('Sign in again in another tab'));
});

test('lets nobody do or see anything who has to set up a second factor first', () => {
  const administrator = { ...person('settings_administrator'), factorMissing: true };
  const refused = {
    ok: false,
    reason: 'factor_missing',
    message: expect.stringContaining('authenticator app'),
  };
  expect(judgeAdministrator(administrator)).toEqual(refused);
  expect(judgeViewer(administrator)).toEqual(refused);
  expect(judgePerson(administrator)).toMatchObject({ ok: true });
});
