import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { RevealRow, RevealSnapshot } from './reveal-snapshot.ts';

/** A key that was shown, the reveal that showed it, and the retry secret of the browser, if it sent one. */
export type ShownKey = { key: string; revealId: string; retrySecret?: string };

const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');

function expectWithinLimits(reveal: RevealRow, snapshot: RevealSnapshot): void {
  const { id, codeAttempts, linkAttempts, newCodes, endReason, emailsResent, smsResent } = reveal;
  const count = (action: string) =>
    snapshot.audit.filter((row) => row.action === action && row.revealId === id).length;
  expect(codeAttempts).toBeLessThanOrEqual(5);
  expect(newCodes).toBeLessThanOrEqual(5);
  expect(linkAttempts).toBeLessThanOrEqual(25);
  // An attempt is counted before each comparison of a code.
  expect(count('reveal.wrong_code') + count('api_key.shown')).toBeLessThanOrEqual(linkAttempts);
  expect(count('reveal.started')).toBe(1);
  expect(count('reveal.new_code')).toBe(newCodes);
  expect(count('api_key.shown')).toBe(endReason === 'shown' ? 1 : 0);
  // The first code of a reveal is always sent by SMS.
  expect(count('reveal.code_read_out')).toBe(reveal.readOutGeneration === null ? 0 : 1);
  expect(count('reveal.locked')).toBe(endReason === 'locked' ? 1 : 0);
  if (endReason === 'locked') expect(linkAttempts).toBe(25);
  const messages = snapshot.messages.filter(({ revealId }) => revealId === id);
  const smsCount = messages.filter(({ kind }) => kind === 'code').length;
  expect(smsCount).toBe(1 + newCodes + smsResent);
  expect(messages.length - smsCount).toBe(1 + emailsResent);
}

/**
 * Expects the invariants of an account's reveals, which hold after any sequence of operations, concurrent or not.
 * @param shown every key of this account that was ever shown
 */
export function expectInvariants(snapshot: RevealSnapshot, shown: ShownKey[]): void {
  const { account, reveals, audit } = snapshot;
  // No key is shown twice, no link shows two keys, and each key has one audit event.
  expect(new Set(shown.map(({ key }) => key)).size).toBe(shown.length);
  const shownIds = shown.map(({ revealId }) => revealId).sort();
  expect(reveals.filter(({ endReason }) => endReason === 'shown').map(({ id }) => id)).toEqual(shownIds);
  const recordedIds = audit
    .filter(({ action }) => action === 'api_key.shown')
    .map(({ revealId }) => revealId);
  expect(recordedIds.sort()).toEqual(shownIds);
  // At most one link can still show a key: that of the account's current reveal.
  for (const { id } of reveals.filter(({ endReason }) => endReason === null)) {
    expect(id).toBe(account.revealId);
  }
  // The active key is the one that the current reveal has shown, if any, unless it leaked.
  const activeKey = shown.find(({ revealId }) => revealId === account.revealId);
  const isKeyLeaked = account.digest === null && audit.some(({ action }) => action === 'api_key.leaked');
  if (!isKeyLeaked) expect(account.digest).toBe(activeKey ? sha256(activeKey.key) : null);
  // The previous key is an earlier one that was shown, and an inactive account has none.
  if (account.previousDigest !== null) {
    const earlierKeys = shown.filter((one) => one !== activeKey);
    expect(earlierKeys.map(({ key }) => sha256(key))).toContain(account.previousDigest);
    expect(account.active).toBe(true);
    if (account.previousEndsOn === 'collection') expect(account.digest).toBeNull();
  }
  for (const reveal of reveals) expectWithinLimits(reveal, snapshot);
}

/**
 * Expects a verifier to recognise only the active and the previous key, and to accept them only if the account is active.
 * @param verify sends a request with a key, and resolves with the response's status
 */
export async function expectVerified(
  verify: (key: string) => Promise<number>,
  { account }: RevealSnapshot,
  shown: ShownKey[],
): Promise<void> {
  const digests = [account.digest, account.previousDigest];
  for (const { key } of shown) {
    const statusOfWorkingKey = account.active && !account.isExpired ? 200 : 403;
    expect(await verify(key)).toBe(digests.includes(sha256(key)) ? statusOfWorkingKey : 401);
  }
}
