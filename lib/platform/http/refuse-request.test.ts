import { expect, test } from 'vitest';
import { refuseRequest } from './refuse-request.ts';

const PUBLIC_URL = 'https://access.example.org';
const judge = (method: string, headers: Record<string, string>, path = '/') =>
  refuseRequest({ method, path, headers: { host: 'access.example.org', ...headers } }, PUBLIC_URL)?.status;

test.each(['GET', 'HEAD', 'OPTIONS'])('%s may come from anywhere: it changes nothing', (method) => {
  expect(judge(method, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' })).toBeUndefined();
});

test.each<[string, Record<string, string>]>([
  ['cross-site', { 'sec-fetch-site': 'cross-site' }],
  ['same-site', { 'sec-fetch-site': 'same-site', origin: PUBLIC_URL }],
  ['none', { 'sec-fetch-site': 'none' }],
  ['another origin', { origin: 'https://evil.example' }],
  ['another origin that begins alike', { origin: `${PUBLIC_URL}.evil.example` }],
  ['another scheme', { origin: 'http://access.example.org' }],
  ['the origin of a sandboxed frame', { origin: 'null' }],
  ['a sandboxed frame of our own', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
  ['no word of where it comes from', {}],
])('a POST is refused with %s', (_, headers) => {
  expect(judge('POST', headers)).toBe(403);
  expect(judge('DELETE', headers)).toBe(403);
});

test('a POST of our own page passes', () => {
  expect(judge('POST', { 'sec-fetch-site': 'same-origin', origin: PUBLIC_URL })).toBeUndefined();
  expect(judge('POST', { origin: PUBLIC_URL })).toBeUndefined();
});

test('a method that nothing here has is refused, wherever it comes from', () => {
  for (const method of ['TRACE', 'CONNECT', 'PROPFIND', 'post', ''])
    for (const path of ['/', '/api/webhooks/resend'])
      expect(judge(method, { 'sec-fetch-site': 'same-origin' }, path)).toBe(405);
});

test('a path that cannot be read is refused', () => {
  for (const path of ['/%', '/%ff', '/api/auth/%c0%af', '/reveal%zz'])
    expect(judge('GET', {}, path)).toBe(400);
  for (const path of ['/%00', '/%2f', '/%F0%9F%92%A9']) expect(judge('GET', {}, path)).toBeUndefined();
});

test('a body that is large, or does not tell its size, is refused', () => {
  const own = { 'sec-fetch-site': 'same-origin' };
  expect(judge('POST', { ...own, 'content-length': '65536' })).toBeUndefined();
  expect(judge('POST', { ...own, 'content-length': '65537' })).toBe(413);
  expect(judge('POST', { ...own, 'transfer-encoding': 'chunked' })).toBe(411);
  expect(judge('GET', { 'content-length': '65537' })).toBe(413);
});

test('accepts the arguments of an action as text only, and no multipart body', () => {
  const typed = (type: string, action: Record<string, string> = { 'next-action': 'x' }) =>
    judge('POST', { 'sec-fetch-site': 'same-origin', 'content-type': type, ...action });
  expect(typed('text/plain;charset=UTF-8')).toBeUndefined();
  expect(typed('application/x-www-form-urlencoded', {})).toBeUndefined();
  for (const type of [
    'multipart/form-data; boundary=x',
    'Multipart/Form-Data',
    'application/x-www-form-urlencoded',
    '',
  ])
    expect(typed(type)).toBe(415);
  expect(typed('multipart/form-data; boundary=x', {})).toBe(415);
});

const WEBHOOK = '/api/webhooks/resend';

test('a machine may call the webhook, and only that, only by POST', () => {
  expect(judge('POST', {}, WEBHOOK)).toBeUndefined();
  for (const method of ['PUT', 'PATCH', 'DELETE']) expect(judge(method, {}, WEBHOOK)).toBe(403);
  for (const path of [
    `${WEBHOOK}/`,
    `${WEBHOOK}/x`,
    `${WEBHOOK}%2f`,
    `/${WEBHOOK}`,
    WEBHOOK.toUpperCase(),
    '/api/webhooks',
    `/x/..${WEBHOOK}`,
    '/settings/users/api-accounts',
  ])
    expect(judge('POST', {}, path), path).toBe(403);
});

test.each<[string, Record<string, string>]>([
  ['cross-site', { 'sec-fetch-site': 'cross-site' }],
  ['another origin', { origin: 'https://evil.example' }],
  ['a sandboxed frame', { origin: 'null' }],
  ['no page', { 'sec-fetch-site': 'none' }],
])('a browser may not call the webhook: %s', (_, headers) => {
  expect(judge('POST', headers, WEBHOOK)).toBe(403);
});

test('the webhook is called with a small body that tells its size', () => {
  expect(judge('POST', { 'content-length': '65537' }, WEBHOOK)).toBe(413);
  expect(judge('POST', { 'transfer-encoding': 'chunked' }, WEBHOOK)).toBe(411);
});
