import { afterEach, expect, test, vi } from 'vitest';
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

afterEach(() => void vi.useRealTimers());

test('logs why a sign-in at the provider failed, but nothing of the URL of the callback', () => {
  vi.useFakeTimers();
  const readMessage = (code: string, metadata: Error | { error: Error; error_description?: string }) => {
    const { mock } = vi.mocked(process.stderr.write);
    mock.calls.length = 0;
    getAuthOptions().logger?.error?.(code, metadata);
    // At most one line of a kind is logged per minute.
    vi.advanceTimersByTime(60_000);
    const line = JSON.parse(String(mock.calls[0]?.[0]));
    expect(line).toMatchObject({ event: 'next_auth.error', code, count: 1 });
    return line.message;
  };
  // next-auth logs the parameter `error` in both ways.
  for (const [parameter, expected] of [
    ['access_denied', 'access_denied'],
    ['hunter2', undefined],
  ] as const) {
    const error = new Error(parameter);
    const metadata = { error, error_description: 'hunter2' };
    expect(readMessage('OAUTH_CALLBACK_HANDLER_ERROR', metadata)).toBe(expected);
    expect(readMessage('OAUTH_CALLBACK_ERROR', error)).toBe(expected);
  }
  for (const [message, expected] of [
    ['state mismatch, expected abc, got: hunter2', 'state mismatch'],
    ['iss mismatch, expected https://id.example.org, got: hunter\n2', 'iss mismatch'],
    ['invalid_client (wrong secret)', 'invalid_client (wrong secret)'],
  ] as const)
    expect(readMessage('OAUTH_CALLBACK_ERROR', { error: new Error(message) })).toBe(expected);
});
