import { expect, test } from 'vitest';
import { reasonTold } from './reason-told.ts';

const signedIn = { hasRecentAuth: false, roleChanged: false };
const signedOut = { hasRecentAuth: null, roleChanged: false };

test('a role changed is told only where it was, and to nobody who is signed in', () => {
  expect(reasonTold('role_changed', { ...signedOut, roleChanged: true })).toBe('role_changed');
  expect(reasonTold('role_changed', signedOut)).toBe('signed_out');
  for (const roleChanged of [true, false]) {
    expect(reasonTold('role_changed', { ...signedIn, roleChanged })).toBe('not_fresh');
    expect(reasonTold('role_changed', { hasRecentAuth: true, roleChanged })).toBe(null);
  }
});

test('nothing else is told whoever is not signed in', () => {
  for (const failed of [undefined, 'inactive', 'made-up', ['role_changed', 'role_changed']])
    for (const roleChanged of [true, false])
      expect(reasonTold(failed, { ...signedOut, roleChanged })).toBe('signed_out');
});

test('whoever is signed in is told why it went wrong, or whether they have proven it', () => {
  expect(reasonTold('other_person', signedIn)).toBe('other_person');
  expect(reasonTold('made-up', { ...signedIn, hasRecentAuth: true })).toBe('failed');
  expect(reasonTold(['over', 'over'], signedIn)).toBe('failed');
  expect(reasonTold(undefined, signedIn)).toBe('not_fresh');
  expect(reasonTold(undefined, { ...signedIn, hasRecentAuth: true })).toBe(null);
});
