import { describe, expect, it } from 'vitest';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { sanitizeLeakUrl } from './sanitize-url.ts';

const key = generateKey('stagekey');
const COMMIT = '12345600b9cbe38a219f39a9941c9319b600c002';
const escapeAll = (text: string) => Buffer.from(text).toString('hex').replaceAll(/../g, '%$&');

describe('sanitizeLeakUrl', () => {
  it.each([
    [`https://github.com/octocat/Hello-World/blob/${COMMIT}/foo/bar.txt`, undefined],
    ['  http://paste.example.org/x%20y  ', 'http://paste.example.org/x%20y'],
    ['github.com/octocat', 'https://github.com/octocat'],
    ['https://user:password@example.org/a?token=secret#fragment', 'https://example.org/a'],
    [`https://example.org/${key}/file`, 'https://example.org/…/file'],
    [`https://example.org/${escapeAll(key)}/file`, 'https://example.org/…/file'],
    [`https://example.org/${Buffer.from(key).toString('base64url')}`, 'https://example.org/…'],
    [`https://example.org/?key=${key}#${key}`, 'https://example.org/'],
    ['https://example.org/%ff/a', 'https://example.org/…/a'],
    ['https://example.org/\u202egnp.exe', 'https://example.org/%E2%80%AEgnp.exe'],
  ])('returns what can be shown of %s', (text, expected = text) => {
    expect(sanitizeLeakUrl(text)).toBe(expected);
  });

  it.each([
    '',
    ' ',
    'in a chat',
    'javascript:alert(1)',
    'ftp://example.org/a',
    'file:///etc/passwd',
    'https://',
    'localhost',
    `https://${key.slice(0, 60)}.example.org/`,
  ])('returns null for %j', (text) => {
    expect(sanitizeLeakUrl(text)).toBeNull();
  });

  it('bounds the length', () => {
    expect(sanitizeLeakUrl(`https://example.org/${'a/'.repeat(5_000)}`)).toHaveLength(500);
  });
});
