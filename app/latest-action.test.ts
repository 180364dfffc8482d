import { UnrecognizedActionError } from 'next/dist/client/components/unrecognized-action-error.js';
import { describe, expect, it } from 'vitest';
import { describeLatestAction, describeUnknownResult, trackAction } from './latest-action.ts';

const EFFECT = {
  done: 'The account was created.',
  maybe: 'The account may have been created: check the list.',
};
const MINUTE_MS = 60_000;

const fail = (error: Error) => trackAction(EFFECT, () => Promise.reject(error)).catch(() => null);

describe('trackAction', () => {
  it('says what was done, for a minute', async () => {
    await trackAction(EFFECT, async () => ({ ok: true }));
    expect(describeLatestAction()).toBe(EFFECT.done);
    expect(describeLatestAction(Date.now() + MINUTE_MS)).toBeNull();
  });

  it('says what may have been done while the action runs', async () => {
    const { promise, resolve } = Promise.withResolvers<{ ok: boolean }>();
    const result = trackAction(EFFECT, () => promise);
    expect(describeLatestAction()).toBe(EFFECT.maybe);
    resolve({ ok: false });
    await result;
    expect(describeLatestAction()).toBeNull();
  });

  it.each([
    ['a lost connection', new TypeError('Failed to fetch')],
    ['an error of the server', Object.assign(new Error('An error occurred'), { digest: '1' })],
    ['an unexpected response', new Error('An unexpected response was received from the server.')],
  ])('says what may have been done after %s', async (_name, error) => {
    await fail(error);
    expect(describeLatestAction(Date.now() + 60 * MINUTE_MS)).toBe(EFFECT.maybe);
  });

  it('says nothing if the server did not know the action', async () => {
    await fail(new UnrecognizedActionError());
    expect(describeLatestAction()).toBeNull();
  });

  it('ignores actions that change nothing', async () => {
    await trackAction(EFFECT, async () => ({ ok: true }));
    await trackAction(null, async () => ({ ok: true }));
    expect(describeLatestAction()).toBe(EFFECT.done);
  });
});

describe('describeUnknownResult', () => {
  it('says what to check', () => {
    expect(describeUnknownResult(new TypeError('Failed to fetch'), EFFECT)).toBe(
      `We didn’t get a response. ${EFFECT.maybe}`,
    );
  });

  it('asks to try again if the action changes nothing', () => {
    expect(describeUnknownResult(new TypeError('Failed to fetch'), null)).toBe(
      'We didn’t get a response. Check your connection and try again.',
    );
  });
});
