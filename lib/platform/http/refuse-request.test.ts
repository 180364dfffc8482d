import { expect, test } from 'vitest';
import { refuseRequest } from './refuse-request.ts';

const PUBLIC_URL = 'https://access.example.org';
const getRefusalStatus = (method: string, headers: Record<string, string>, path = '/') =>
  refuseRequest({ method, path, headers: { host: 'access.example.org', ...headers } }, PUBLIC_URL)?.status;

test.each(['GET', 'HEAD', 'OPTIONS'])('allows %s from any site', (method) => {
  expect(
    getRefusalStatus(method, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }),
  ).toBeUndefined();
});

test.each<[string, Record<string, string>]>([
  ['cross-site', { 'sec-fetch-site': 'cross-site' }],
  ['same-site', { 'sec-fetch-site': 'same-site', origin: PUBLIC_URL }],
  ['no page', { 'sec-fetch-site': 'none' }],
  ['another origin', { origin: 'https://evil.example' }],
  ['another origin with the same beginning', { origin: `${PUBLIC_URL}.evil.example` }],
  ['another scheme', { origin: 'http://access.example.org' }],
  ['a sandboxed frame', { origin: 'null' }],
  ['a sandboxed frame of this site', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
  ['an unknown origin', {}],
])('refuses a POST from %s', (_, headers) => {
  expect(getRefusalStatus('POST', headers)).toBe(403);
  expect(getRefusalStatus('DELETE', headers)).toBe(403);
});

test('allows a POST from this site', () => {
  expect(getRefusalStatus('POST', { 'sec-fetch-site': 'same-origin', origin: PUBLIC_URL })).toBeUndefined();
  expect(getRefusalStatus('POST', { origin: PUBLIC_URL })).toBeUndefined();
});

test('refuses unsupported methods, even from this site', () => {
  for (const method of ['TRACE', 'CONNECT', 'PROPFIND', 'post', ''])
    for (const path of ['/', '/api/webhooks/resend'])
      expect(getRefusalStatus(method, { 'sec-fetch-site': 'same-origin' }, path)).toBe(405);
});

test('refuses a path that is not absolute or cannot be decoded', () => {
  for (const path of ['/%', '/%ff', '/api/auth/%c0%af', '/reveal%zz', '*', 'x', ''])
    expect(getRefusalStatus('GET', {}, path)).toBe(400);
  for (const path of ['/%00', '/%2f', '/%F0%9F%92%A9'])
    expect(getRefusalStatus('GET', {}, path)).toBeUndefined();
});

test.each([
  '/_global-error',
  '/_global-error.rsc',
  '//_global-error',
  '/%5fglobal-error',
  '/_global-error/x',
])('does not show the error page of Next.js at %s', (path) =>
  expect(getRefusalStatus('GET', {}, path)).toBe(404),
);

test('refuses a body that is too large or has an unknown encoding', () => {
  const sameOrigin = { 'sec-fetch-site': 'same-origin' };
  expect(getRefusalStatus('POST', { ...sameOrigin, 'content-length': '65536' })).toBeUndefined();
  expect(getRefusalStatus('POST', { ...sameOrigin, 'content-length': '65537' })).toBe(413);
  expect(getRefusalStatus('POST', { ...sameOrigin, 'transfer-encoding': 'Chunked' })).toBeUndefined();
  expect(getRefusalStatus('POST', { ...sameOrigin, 'transfer-encoding': 'gzip, chunked' })).toBe(400);
  expect(getRefusalStatus('GET', { 'content-length': '65537' })).toBe(413);
});

test.each(['a b', 'a/b', 'a?b', 'a#b', 'a@b', 'a\\b', '[::1', 'x:99999', 'x:y', '%', 'a, b'])(
  'refuses the Host header %s',
  (host) => expect(getRefusalStatus('GET', { host })).toBe(400),
);

test.each(['localhost:3000', '[::1]:3000', 'access.example.org.', 'münchen.example', '127.0.0.1', ''])(
  'accepts the Host header %s',
  (host) => expect(getRefusalStatus('GET', { host })).toBeUndefined(),
);

test.each([
  { 'next-action': 'x' },
  { 'next-action': '' },
  { 'next-action': 'g'.repeat(42) },
  { 'next-action': '0'.repeat(43) },
  { 'next-router-state-tree': 'malformed' },
  { 'x-action-forwarded': '1' },
])('refuses headers of Next.js that none of its pages sends: %o', (headers) => {
  const request = { method: 'GET', path: '/', headers };
  expect(refuseRequest(request, PUBLIC_URL, () => false)).toMatchObject({
    status: 400,
    code: 'malformed_header',
  });
});

test('accepts the headers with which a page loads another one', () => {
  const headers = { rsc: '1', 'next-router-state-tree': '%5B%5D', 'next-router-prefetch': '1' };
  const checked: string[] = [];
  const isRouterState = (header: string) => checked.push(header) > 0;
  expect(refuseRequest({ method: 'GET', path: '/', headers }, PUBLIC_URL, isRouterState)).toBeUndefined();
  expect(checked).toEqual(['%5B%5D']);
});

test('accepts the arguments of an action as text only, and no multipart body', () => {
  const postAs = (type: string, action: Record<string, string> = { 'next-action': '0'.repeat(42) }) =>
    getRefusalStatus('POST', { 'sec-fetch-site': 'same-origin', 'content-type': type, ...action });
  expect(postAs('text/plain;charset=UTF-8')).toBeUndefined();
  expect(postAs('application/x-www-form-urlencoded', {})).toBeUndefined();
  for (const type of [
    'multipart/form-data; boundary=x',
    'Multipart/Form-Data',
    'application/x-www-form-urlencoded',
    '',
  ])
    expect(postAs(type)).toBe(415);
  expect(postAs('multipart/form-data; boundary=x', {})).toBe(415);
});

const WEBHOOK_PATH = '/api/webhooks/resend';

test('allows a request without browser headers only as a POST to the webhook', () => {
  expect(getRefusalStatus('POST', {}, WEBHOOK_PATH)).toBeUndefined();
  for (const method of ['PUT', 'PATCH', 'DELETE'])
    expect(getRefusalStatus(method, {}, WEBHOOK_PATH)).toBe(403);
  for (const path of [
    `${WEBHOOK_PATH}/`,
    `${WEBHOOK_PATH}/x`,
    `${WEBHOOK_PATH}%2f`,
    `/${WEBHOOK_PATH}`,
    WEBHOOK_PATH.toUpperCase(),
    '/api/webhooks',
    `/x/..${WEBHOOK_PATH}`,
    '/settings/users/api-accounts',
  ])
    expect(getRefusalStatus('POST', {}, path), path).toBe(403);
});

test.each<[string, Record<string, string>]>([
  ['cross-site', { 'sec-fetch-site': 'cross-site' }],
  ['another origin', { origin: 'https://evil.example' }],
  ['a sandboxed frame', { origin: 'null' }],
  ['no page', { 'sec-fetch-site': 'none' }],
])('refuses a webhook call from a browser: %s', (_, headers) => {
  expect(getRefusalStatus('POST', headers, WEBHOOK_PATH)).toBe(403);
});

test('limits the body of a webhook call', () => {
  expect(getRefusalStatus('POST', { 'content-length': '65537' }, WEBHOOK_PATH)).toBe(413);
});

test.each<[string, Record<string, string>]>([
  ['a program', {}],
  ['a page of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
])('leaves the management API to check the access token of %s', (_, headers) => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
    for (const path of ['/api/v1/api-accounts', '/api/v1/api-accounts/%00/reset-key', '/api/v1/x'])
      expect(getRefusalStatus(method, headers, path), path).toBeUndefined();
});

test('does not take a path for the management API that could lead elsewhere, or an action', () => {
  for (const path of [
    '/api/v1',
    '/api/v10/x',
    '/x/api/v1/y',
    '//api/v1/x',
    '/api/v1/../../settings',
    '/api/v1/%2e%2e/%2E./settings',
    '/api/v1/..\\x',
    '/api/v1/x%5c..',
  ])
    expect(getRefusalStatus('POST', {}, path), path).toBe(403);
  expect(getRefusalStatus('POST', { 'next-action': '0'.repeat(42) }, '/api/v1/x')).toBe(403);
  expect(getRefusalStatus('POST', { 'content-type': 'multipart/form-data; boundary=x' }, '/api/v1/x')).toBe(
    415,
  );
});
