import { expect, test } from 'vitest';
import { authOptions } from './auth-options.ts';

type JwtInput = Parameters<NonNullable<NonNullable<ReturnType<typeof authOptions>['callbacks']>['jwt']>>[0];

const callbacks = () => {
  const { jwt, redirect } = authOptions().callbacks ?? {};
  if (!jwt || !redirect) throw new Error('a callback is missing');
  return { jwt, redirect };
};

test('puts only the session id into the token', async () => {
  const user = { id: 'session-id', name: 'Ada', email: 'ada@example.com', image: 'x' };
  const nextAuthToken = { token: { name: 'Ada', email: 'ada@example.com', picture: 'x', sub: '7' }, user };
  const token = await callbacks().jwt(nextAuthToken as unknown as JwtInput);
  expect(token).toEqual({ sid: 'session-id' });
});

test('names every next-auth cookie and makes it HttpOnly', () => {
  const cookies = Object.values(authOptions().cookies ?? {});
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
])('redirects from %s to %s', async (url, expected) => {
  expect(await callbacks().redirect({ url, baseUrl: 'http://ignored.example' })).toBe(expected);
});

test('expires the token after twelve hours', () => {
  expect(authOptions().session).toMatchObject({ strategy: 'jwt', maxAge: 43_200 });
});
