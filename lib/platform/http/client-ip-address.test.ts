import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureCpuTime } from '#lib/testing/cpu-time.ts';
import { readClientSource, resolveClientIpAddress } from './client-ip-address.ts';

const SOCKET_ADDRESS = '10.0.0.9';

type Headers = Record<string, string | string[]>;

function resolve(
  headers: Headers,
  trustedProxies: number,
  remoteAddress: string | undefined = SOCKET_ADDRESS,
) {
  const headersDistinct = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat()]),
  );
  return resolveClientIpAddress({ socket: { remoteAddress }, headersDistinct }, trustedProxies);
}

describe('resolveClientIpAddress with X-Forwarded-For', () => {
  const resolveForwardedFor = (value: string | string[], trustedProxies: number) =>
    resolve({ 'x-forwarded-for': value }, trustedProxies);

  it('ignores the header without a trusted proxy', () => {
    expect(resolveForwardedFor('203.0.113.7', 0)).toBe(SOCKET_ADDRESS);
  });

  it('uses the entry of the outermost trusted proxy, not what the client sent', () => {
    expect(resolveForwardedFor('1.1.1.1, 203.0.113.7', 1)).toBe('203.0.113.7');
    expect(resolveForwardedFor(['1.1.1.1', '203.0.113.7'], 1)).toBe('203.0.113.7');
    expect(resolveForwardedFor('1.1.1.1,203.0.113.7 , 10.0.0.2', 2)).toBe('203.0.113.7');
  });

  it('uses the first entry if there are fewer entries than trusted proxies', () => {
    expect(resolveForwardedFor('203.0.113.7', 3)).toBe('203.0.113.7');
  });

  it.each([
    ['203.0.113.7:4711', '203.0.113.7'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['"[2001:DB8::1]:443"', '2001:db8::1'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['::ffff:203.0.113.7:4711', '203.0.113.7'],
    ['[fe80::1%25eth0]:443', 'fe80::1'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('reads %s as %s', (entry, address) => {
    expect(resolveForwardedFor(`198.51.100.1, ${entry}`, 1)).toBe(address);
  });

  it.each([
    'unknown',
    '',
    ',',
    '198.51.100.1,',
    '198.51.100.1, _hidden',
    '198.51.100.1, 127.1',
    'for=1.1.1.1',
  ])(
    'uses the address of the connection if the entry of the trusted proxy is not an IP address: %j',
    (value) => expect(resolveForwardedFor(value, 1)).toBe(SOCKET_ADDRESS),
  );

  it('uses the address of the connection without the header', () => {
    expect(resolve({}, 1)).toBe(SOCKET_ADDRESS);
  });

  it('reads the last of thousands of entries in little time', () => {
    const sent = ['1.1.1.1,', ',', '"', '"\\', '\\"', ';=', 'for="', '=",'].map((part) => part.repeat(8_000));
    const cpuTime = measureCpuTime(() => {
      for (const value of sent) {
        expect(resolveForwardedFor(`${value}, 203.0.113.7`, 1)).toBe('203.0.113.7');
        expect(resolve({ forwarded: `${value}, for=203.0.113.7` }, 1)).toBe('203.0.113.7');
      }
    });
    expect(cpuTime).toBeLessThan(4_000);
  });

  it('has precedence over Forwarded', () => {
    expect(resolve({ 'x-forwarded-for': '203.0.113.7', forwarded: 'for=198.51.100.1' }, 1)).toBe(
      '203.0.113.7',
    );
    expect(resolve({ 'x-forwarded-for': 'unknown', forwarded: 'for=198.51.100.1' }, 1)).toBe(SOCKET_ADDRESS);
    expect(resolve({ 'x-forwarded-for': '', forwarded: 'for=198.51.100.1' }, 1)).toBe('198.51.100.1');
  });
});

describe('resolveClientIpAddress with Forwarded', () => {
  const resolveForwarded = (value: string | string[], trustedProxies = 1) =>
    resolve({ forwarded: value }, trustedProxies);

  it.each([
    ['for=203.0.113.7', '203.0.113.7'],
    ['For="203.0.113.7:4711"', '203.0.113.7'],
    ['for="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
    ['for="\\[2001:db8::1\\]"', '2001:db8::1'],
    ['proto=https;by=198.51.100.1;for=203.0.113.7;host=example.org', '203.0.113.7'],
    ['for=198.51.100.1, for=203.0.113.7;proto=http', '203.0.113.7'],
    ['host="a,for=198.51.100.1";for=203.0.113.7', '203.0.113.7'],
    ['host="a;for=198.51.100.1";for=203.0.113.7', '203.0.113.7'],
    ['host="\\";for=198.51.100.1";for=203.0.113.7', '203.0.113.7'],
    ['for=203.0.113.7;host="a,for=198.51.100.1"', '203.0.113.7'],
    ['for=198.51.100.1,,for="[::ffff:203.0.113.7]";proto=https', '203.0.113.7'],
    ['for = "203.0.113.7" ; proto=https', '203.0.113.7'],
    ['for="[fe80::1%25eth0]:_x"', 'fe80::1'],
    ['for=198.51.100.1,', SOCKET_ADDRESS],
    ['xfor=198.51.100.1', SOCKET_ADDRESS],
    ['for=unknown', SOCKET_ADDRESS],
    ['for=_hidden', SOCKET_ADDRESS],
    ['for="_gazonk:4711"', SOCKET_ADDRESS],
    ['proto=https', SOCKET_ADDRESS],
    ['for', SOCKET_ADDRESS],
    ['', SOCKET_ADDRESS],
  ])('reads %s as %s', (value, address) => {
    expect(resolveForwarded(value)).toBe(address);
  });

  it('ignores the header without a trusted proxy', () => {
    expect(resolveForwarded('for=203.0.113.7', 0)).toBe(SOCKET_ADDRESS);
  });

  it('uses the element of the outermost trusted proxy', () => {
    expect(resolveForwarded('for=1.1.1.1, for=203.0.113.7, for=10.0.0.2', 2)).toBe('203.0.113.7');
    expect(resolveForwarded(['for=1.1.1.1', 'for=203.0.113.7', 'for=10.0.0.2'], 2)).toBe('203.0.113.7');
  });

  it('never lets what the client sent change which element is used', () => {
    const sent = fc.string({ unit: fc.constantFrom(...'for=";,\\ 19.:[]') });
    const property = fc.property(sent, (value) => {
      const appended = 'for="[2001:db8::7]:4711";host="a,for=198.51.100.1", for=10.0.0.2';
      expect(resolveForwarded(`${value}, ${appended}`, 2)).toBe('2001:db8::7');
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});

describe('resolveClientIpAddress without forwarding headers', () => {
  it('returns the address of the connection in canonical form', () => {
    expect(resolve({}, 0, '::ffff:203.0.113.7')).toBe('203.0.113.7');
    expect(resolve({}, 1, 'fe80::1%eth0')).toBe('fe80::1');
  });

  it('returns unknown for a closed connection', () => {
    expect(resolveClientIpAddress({ socket: {}, headersDistinct: {} }, 0)).toBe('unknown');
  });
});

describe('readClientSource', () => {
  const read = (headers: Record<string, string>, trustedProxies: number, remoteAddress = SOCKET_ADDRESS) =>
    readClientSource({ socket: { remoteAddress }, headers }, trustedProxies);

  it('differs with everything that the address is read from', () => {
    const sources = [
      read({}, 1),
      read({}, 1, '10.0.0.10'),
      read({ 'x-forwarded-for': '203.0.113.7' }, 1),
      read({ 'x-forwarded-for': '203.0.113.8' }, 1),
      read({ 'x-forwarded-for': '', forwarded: 'for=203.0.113.7' }, 1),
      read({ 'x-forwarded-for': '', forwarded: 'for=203.0.113.8' }, 1),
    ];
    expect(new Set(sources).size).toBe(sources.length);
  });

  it('ignores headers without a trusted proxy', () => {
    expect(read({ 'x-forwarded-for': '203.0.113.7' }, 0)).toBe(SOCKET_ADDRESS);
  });
});
