import { expect, test } from 'vitest';
import { deriveKey } from './derive-key.ts';

// A changed derivation would invalidate sessions, links, rate-limit keys and what is encrypted in the database.
test.each([
  ['stagedoor throttle v1', 32, '60e5ccd78c0ca932ce55a347f8762efb83ba76157cd3ecba05fa0022ca84d489'],
  ['stagedoor session v1', 32, 'eb7326b12f209a59d7c504d976b2d06d535eab364602bf1fd79f6c7fbdb8d977'],
  ['stagedoor totp v1', 32, '5d84700004eadde5753ceeea2b2bfe7b5b7e772ce0d8f51e3bba1b7311670b06'],
  ['stagedoor/app-role', 24, '54a24d94b82e73efcd074a47e7b738045d519bedbf6154ce'],
])('derives a stable key for the label %s', (label, bytes, key) => {
  expect(deriveKey('a-secret-of-at-least-thirty-two-characters', label, bytes).toString('hex')).toBe(key);
});
