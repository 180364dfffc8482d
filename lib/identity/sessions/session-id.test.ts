import { describe, expect, it } from 'vitest';
import { createSessionCookie } from '#lib/testing/session-cookie.ts';
import { getCookieSettings } from './cookies.ts';
import { findSessionId } from './session-id.ts';

const SESSION_ID = '0197f3a2-7c1e-7000-8000-000000000001';
const { session: name } = getCookieSettings();

describe('findSessionId', () => {
  it.each(['', 'theme=dark; ', 'x=1;', `not-${name}=x; `])('finds the session after “%s”', async (before) => {
    expect(await findSessionId(`${before}${await createSessionCookie(SESSION_ID)}; other=1`)).toBe(
      SESSION_ID,
    );
  });

  it('finds none without a valid cookie', async () => {
    for (const cookie of [
      `${name}=`,
      `${name}=%`,
      `${name}=eyJhbGciOiJub25lIn0.e30.`,
      await createSessionCookie(SESSION_ID, 'another secret'),
      await createSessionCookie('x'),
      `x${await createSessionCookie(SESSION_ID)}`,
      undefined,
    ])
      expect(await findSessionId(cookie), cookie).toBeNull();
  });
});
