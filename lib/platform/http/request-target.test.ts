import { expect, it } from 'vitest';
import { parseRequestTarget } from './request-target.ts';

it.each([
  ['/verify?scope=a', '/verify?scope=a', undefined],
  ['http://host:3001/verify?scope=a', '/verify?scope=a', 'host:3001'],
  ['HTTPS://host/verify', '/verify', 'host'],
  ['http://user:password@host/verify', '/verify', 'host'],
  ['http://[::1]:3001/verify#x', '/verify', '[::1]:3001'],
  ['http://host', '/', 'host'],
  ['http://host?x', '/?x', 'host'],
  ['http://host//other/verify', '//other/verify', 'host'],
  ['//host/verify', '//host/verify', undefined],
  ['/http://host/verify', '/http://host/verify', undefined],
  ['http:///verify', 'http:///verify', undefined],
  ['http://@/verify', 'http://@/verify', undefined],
  ['ftp://host/verify', 'ftp://host/verify', undefined],
  ['host:443', 'host:443', undefined],
  ['*', '*', undefined],
])('parseRequestTarget parses %s', (target, path, host) => {
  expect(parseRequestTarget(target)).toEqual({ path, host });
});
