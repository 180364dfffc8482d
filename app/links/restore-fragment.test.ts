import { describe, expect, it } from 'vitest';
import { createLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { restoreFragment } from './restore-fragment.ts';

const ID = '01a20def-c45f-7765-98f2-47f1190f1595';
const TOKEN = createLinkToken('reveal', ID, 'a-secret-of-at-least-thirty-two-characters');

describe('restoreFragment', () => {
  it('returns the path of a link whose # was encoded, and of no other page', () => {
    expect(restoreFragment(`/reveal%23${TOKEN}.`)).toBe(`/reveal#${TOKEN}.`);
    expect(restoreFragment(`/set-password/%23${TOKEN}`)).toBe(`/set-password#${TOKEN}`);
    expect(restoreFragment(`/reveal%2523${TOKEN}`)).toBe(`/reveal#${TOKEN}`);
    expect(restoreFragment(`/report-change%23${TOKEN}`)).toBe(`/report-change#${TOKEN}`);
    for (const path of [
      '/',
      '/reveal',
      '/reveal/x',
      `//reveal%23${TOKEN}`,
      `/sign-in%23${TOKEN}`,
      '/%23reveal',
    ])
      expect(restoreFragment(path)).toBeNull();
  });
});
