import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { measureCpuTime } from '#lib/testing/cpu-time.ts';
import { readCredential } from './credentials.ts';

const TAG = 'stagekey';
const key = generateKey(TAG);
const encodeBasic = (text: string, encoding: BufferEncoding = 'utf8') =>
  `Basic ${Buffer.from(text, encoding).toString('base64')}`;
/** `O’Brien – é`. */
const WINDOWS_NAME = Buffer.from('4f92427269656e209620e9', 'hex');
const readFrom = (...rawHeaders: string[]) => readCredential(rawHeaders, TAG);

describe('readCredential', () => {
  it.each([
    ['Bearer', ['Authorization', `Bearer ${key}`], null],
    ['Bearer in any case', ['authorization', `bEARER   ${key}`], null],
    ['X-API-Key', ['x-api-key', key], null],
    ['Basic', ['Authorization', encodeBasic(`Company:${key}`)], 'Company'],
    ['Basic in UTF-8', ['Authorization', encodeBasic(`Théâtre & Søn Ltd:${key}`)], 'Théâtre & Søn Ltd'],
    [
      'Basic with a decomposed username',
      ['Authorization', encodeBasic(`The\u0301a\u0302tre:${key}`)],
      'Théâtre',
    ],
    ['Basic without padding', ['Authorization', encodeBasic(`ab:${key}`).replace(/=+$/, '')], 'ab'],
    ['Basic in ISO 8859-1', ['Authorization', encodeBasic(`Café Rouge:${key}`, 'latin1')], 'Café Rouge'],
    [
      'Basic in Windows-1252',
      ['Authorization', `Basic ${Buffer.concat([WINDOWS_NAME, Buffer.from(`:${key}`)]).toString('base64')}`],
      'O’Brien – é',
    ],
    ['Basic with a line break after the key', ['Authorization', encodeBasic(`Company:${key}\n`)], 'Company'],
    ['Basic with CRLF after the key', ['Authorization', encodeBasic(`Company:${key}\r\n`)], 'Company'],
    ['Basic with a space after the key', ['Authorization', encodeBasic(`Company:${key} `)], 'Company'],
    [
      'Basic with invisible characters around the key',
      ['Authorization', encodeBasic(`Company:\ufeff${key}\u200b\u00a0`)],
      'Company',
    ],
    ['a key with a space', ['X-API-Key', `${key} `], null],
    ['a key in quotes', ['X-API-Key', `"${key}"`], null],
    ['a key in typographic quotes, as Node.js decodes them', ['X-API-Key', `â\x80\x9c${key}â\x80\x9d`], null],
    ['Bearer with a key in quotes', ['Authorization', `Bearer "${key}"`], null],
    ['Bearer with a key in angle brackets', ['Authorization', `Bearer <${key}>`], null],
    ['a key with a byte-order mark, as Node.js decodes it', ['X-API-Key', `ï»¿${key}`], null],
    ['with other headers', ['Host', 'x', 'X-API-Key', key, 'Cookie', 'a=b'], null],
  ])('reads %s', (_, rawHeaders, username) => {
    expect(readFrom(...rawHeaders)).toEqual({ key, username });
  });

  it.each([
    ['no header', []],
    ['an empty header', ['Authorization', '']],
    ['a scheme alone', ['Authorization', 'Bearer']],
    ['another scheme', ['Authorization', `Digest ${key}`]],
    ['no scheme', ['Authorization', key]],
    ['a mistyped key', ['X-API-Key', `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`]],
    ['a key with a space in it', ['X-API-Key', `${key.slice(0, 9)} ${key.slice(9)}`]],
    ['a key with another letter at its end', ['X-API-Key', `${key}a`]],
    ['two keys', ['X-API-Key', `${key} ${key}`]],
    ['Basic with no username', ['Authorization', encodeBasic(`:${key}`)]],
    ['Basic with no colon', ['Authorization', encodeBasic(key)]],
    ['Basic that is not base64', ['Authorization', 'Basic ä:b']],
    ['a header twice', ['X-API-Key', key, 'X-API-Key', key]],
    ['two kinds of credentials', ['X-API-Key', key, 'Authorization', `Bearer ${key}`]],
    ['Authorization twice', ['Authorization', `Bearer ${key}`, 'authorization', `Bearer ${key}`]],
    ['a very long header', ['Authorization', encodeBasic(`${'x'.repeat(2_000)}:${key}`)]],
  ])('returns null for %s', (_, rawHeaders) => {
    expect(readFrom(...rawHeaders)).toBeNull();
  });

  it.each([
    ['X-API-Key', `a${'!'.repeat(1_022)}a`],
    ['X-API-Key', ' !'.repeat(512)],
    ['Authorization', encodeBasic(`x:a${'!'.repeat(700)}a`)],
  ])('takes little time for a long %s without a key: %.20s', (name, value) => {
    expect(readFrom(name, value)).toBeNull();
    const cpuTime = measureCpuTime(() => {
      for (let attempt = 0; attempt < 1_000; attempt += 1) readFrom(name, value);
    });
    expect(cpuTime).toBeLessThan(500);
  });

  it('returns null for arbitrary headers without a key', () => {
    const name = fc.constantFrom('authorization', 'Authorization', 'x-api-key', 'X-Other');
    const value = fc.oneof(
      fc.string(),
      fc.string().map((text) => `Basic ${text}`),
      fc.uint8Array().map((bytes) => `Basic ${Buffer.from(bytes).toString('base64')}`),
      fc.string().map((text) => `Bearer ${text}`),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (headers) => {
        expect(readCredential(headers.flat(), TAG)).toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });
});
