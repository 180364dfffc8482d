import { expect, test } from 'vitest';
import { authOptions } from './config.ts';

type JwtInput = Parameters<NonNullable<NonNullable<ReturnType<typeof authOptions>['callbacks']>['jwt']>>[0];

const callbacks = () => {
  const { jwt, redirect } = authOptions().callbacks ?? {};
  if (!jwt || !redirect) throw new Error('a callback is missing');
  return { jwt, redirect };
};

test('puts the id of the session into the token and nothing else', async () => {
  const user = { id: 'session-id', name: 'Ada', email: 'ada@example.com', image: 'x' };
  const asMade = { token: { name: 'Ada', email: 'ada@example.com', picture: 'x', sub: '7' }, user };
  const token = await callbacks().jwt(asMade as unknown as JwtInput);
  expect(token).toEqual({ sid: 'session-id' });
});

test('names every cookie of next-auth and keeps it from scripts', () => {
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
])('leads from %s to %s', async (url, expected) => {
  expect(await callbacks().redirect({ url, baseUrl: 'http://ignored.example' })).toBe(expected);
});

test('ends after twelve hours', () => {
  expect(authOptions().session).toMatchObject({ strategy: 'jwt', maxAge: 43_200 });
});
