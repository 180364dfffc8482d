import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { RevealRow, RevealSnapshot } from './reveal-snapshot.ts';

/** A key that somebody was shown, and the reveal of the link that it was asked for with. */
export type ShownKey = { key: string; revealId: string };

const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');

function expectWithinLimits(reveal: RevealRow, snapshot: RevealSnapshot): void {
  const { id, codeTries, linkTries, newCodes, endedBecause, emailsSentAgain, textsSentAgain } = reveal;
  const acts = (act: string) => snapshot.audit.filter((row) => row.act === act && row.revealId === id).length;
  expect(codeTries).toBeLessThanOrEqual(5);
  expect(newCodes).toBeLessThanOrEqual(5);
  expect(linkTries).toBeLessThanOrEqual(25);
  // Each guess that was compared had been spent.
  expect(acts('reveal.wrong_code') + acts('api_key.shown')).toBeLessThanOrEqual(linkTries);
  expect(acts('reveal.started')).toBe(1);
  expect(acts('reveal.new_code')).toBe(newCodes);
  expect(acts('api_key.shown')).toBe(endedBecause === 'shown' ? 1 : 0);
  expect(acts('reveal.locked')).toBe(endedBecause === 'locked' ? 1 : 0);
  if (endedBecause === 'locked') expect(linkTries).toBe(25);
  const messages = snapshot.messages.filter(({ revealId }) => revealId === id);
  const texts = messages.filter(({ kind }) => kind === 'code').length;
  expect(texts).toBe(1 + newCodes + textsSentAgain);
  expect(messages.length - texts).toBe(1 + emailsSentAgain);
}

/**
 * What is true of an account's reveals after any acts in any order, one after the other or at once.
 * @param shown every key that anybody was ever shown of this account
 */
export function expectSound(snapshot: RevealSnapshot, shown: ShownKey[]): void {
  const { account, reveals, audit } = snapshot;
  // No key is shown twice, and no link shows two; each is on record, once.
  expect(new Set(shown.map(({ key }) => key)).size).toBe(shown.length);
  const shownBy = shown.map(({ revealId }) => revealId).sort();
  expect(reveals.filter(({ endedBecause }) => endedBecause === 'shown').map(({ id }) => id)).toEqual(shownBy);
  const recorded = audit.filter(({ act }) => act === 'api_key.shown').map(({ revealId }) => revealId);
  expect(recorded.sort()).toEqual(shownBy);
  // One link at most can still show a key, and it is the account's present one.
  for (const { id } of reveals.filter(({ endedBecause }) => endedBecause === null)) {
    expect(id).toBe(account.revealId);
  }
  // The live key is the one that the present link has shown; where it has shown none, there is none.
  const live = shown.find(({ revealId }) => revealId === account.revealId);
  expect(account.digest).toBe(live ? sha256(live.key) : null);
  for (const reveal of reveals) expectWithinLimits(reveal, snapshot);
}

/**
 * Asks a verifier with every key that was ever shown: only the live one is known, and only where the account is
 * active is it let through.
 * @param ask sends a request with a key, and resolves with the answer's status
 */
export async function expectVerified(
  ask: (key: string) => Promise<number>,
  { account }: RevealSnapshot,
  shown: ShownKey[],
): Promise<void> {
  for (const { key } of shown) {
    const known = account.active ? 200 : 403;
    expect(await ask(key)).toBe(sha256(key) === account.digest ? known : 401);
  }
}
