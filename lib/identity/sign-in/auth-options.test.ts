import { expect, test } from 'vitest';
import { getAuthOptions } from './auth-options.ts';

type JwtInput = Parameters<
  NonNullable<NonNullable<ReturnType<typeof getAuthOptions>['callbacks']>['jwt']>
>[0];

const getCallbacks = () => {
  const { jwt, redirect } = getAuthOptions().callbacks ?? {};
  if (!jwt || !redirect) throw new Error('a callback is missing');
  return { jwt, redirect };
};

test('stores only the session id in the token', async () => {
  const user = { id: 'session-id', name: 'Ada', email: 'ada@example.com', image: 'x' };
  const input = { token: { name: 'Ada', email: 'ada@example.com', picture: 'x', sub: '7' }, user };
  const token = await getCallbacks().jwt(input as unknown as JwtInput);
  expect(token).toEqual({ sid: 'session-id' });
});

test('sets our own name and HttpOnly for every cookie of next-auth', () => {
  const cookies = Object.values(getAuthOptions().cookies ?? {});
  expect(cookies).toHaveLength(6);
  for (const cookie of cookies) {
    expect(cookie.name).toMatch(/^stagedoor\./);
    expect(cookie.options).toEqual({ httpOnly: true, secure: false, sameSite: 'lax', path: '/' });
  }
});

test.each([
  ['/settings/users/api-accounts?search=x', 'http://localhost:3000/settings/users/api-accounts?search=x'],
  ['http://localhost:3000/sign-in', 'http://localhost:3000/sign-in'],
  ['https://evil.example/', 'http://localhost:3000'],
  ['//evil.example/', 'http://localhost:3000'],
  ['/\\evil.example', 'http://localhost:3000'],
  ['http://localhost:3000@evil.example/', 'http://localhost:3000'],
  ['javascript:alert(1)', 'http://localhost:3000'],
  ['http://', 'http://localhost:3000'],
])('replaces the redirect target %s by %s', async (url, expected) => {
  expect(await getCallbacks().redirect({ url, baseUrl: 'http://ignored.example' })).toBe(expected);
});

test('expires the cookie after twelve hours, and the token in it later', () => {
  const { session, jwt } = getAuthOptions();
  expect(session).toMatchObject({ strategy: 'jwt', maxAge: 43_200 });
  expect(jwt).toEqual({ maxAge: 86_400 });
});
