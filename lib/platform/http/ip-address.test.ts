import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atScale } from '#lib/testing/scale.ts';
import { getIpAddressBlock, isPrivateIpAddress, parseIpAddress, parseNetwork } from './ip-address.ts';

const toHex = (octets: number[]) =>
  [0, 2].map((index) => (((octets[index] ?? 0) << 8) | (octets[index + 1] ?? 0)).toString(16)).join(':');

/** An IPv4 address, and IPv6 addresses that stand for it. */
const ipv4WithForms = fc
  .tuple(fc.integer({ min: 1, max: 255 }), fc.nat(255), fc.nat(255), fc.nat(255))
  .map((octets) => {
    const dotted = octets.join('.');
    const hex = toHex(octets);
    const inverted = toHex(octets.map((octet) => 255 - octet));
    const prefixes = [
      '::ffff:',
      '0:0:0:0:0:FFFF:',
      '::ffff:0:',
      '64:ff9b::',
      '0064:FF9B:0:0:0:0:',
      '64:ff9b:1::',
      '::',
    ];
    const forms = prefixes.flatMap((prefix) => [`${prefix}${hex}`, `${prefix}${dotted}`]);
    forms.push(`2002:${hex}::`, `2002:${hex}:1::9`, `2001:0:4136:e378:8000:63bf:${inverted}`);
    return { dotted, forms };
  });

const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 7, maxLength: 7 });
/** An IPv6 address that stands for no IPv4 address, in two forms. */
const ipv6WithForms = groups.map((tail) => {
  const all = [0x2a00, ...tail];
  const plain = all.map((group) => group.toString(16)).join(':');
  const padded = all.map((group) => group.toString(16).padStart(4, '0').toUpperCase()).join(':');
  return { plain, forms: [padded, new URL(`http://[${plain}]`).hostname.slice(1, -1)] };
});

/** Ways in which proxies write an IPv6 address. */
const decorateIpv6 = (address: string) => [
  address,
  `[${address}]`,
  `[${address}]:443`,
  `"[${address}]:4711"`,
  `"[${address}]"`,
  ` ${address} `,
  `[${address}]:_obfuscated`,
  `${address}%eth0`,
  `[${address}%25eth0]:443`,
];
const decorateIpv4 = (address: string) => [
  address,
  `${address}:4711`,
  `"${address}:4711"`,
  `"${address}"`,
  ` ${address}:1 `,
  `${address}:_hidden`,
];

/** Parses all texts, and returns the different results. */
const parseAll = (texts: string[]) => [...new Set(texts.map(parseIpAddress))];

describe('parseIpAddress', () => {
  it('gives every form of an IPv4 address one canonical form', () => {
    const property = fc.property(ipv4WithForms, ({ dotted, forms }) => {
      expect(parseAll(decorateIpv4(dotted))).toEqual([dotted]);
      for (const form of forms) expect([form, ...parseAll(decorateIpv6(form))]).toEqual([form, dotted]);
    });
    fc.assert(property, { numRuns: atScale({ normal: 20, soak: 500 }) });
  });

  it('gives every form of an IPv6 address one canonical form', () => {
    const property = fc.property(ipv6WithForms, ({ plain, forms }) => {
      const canonical = parseIpAddress(plain) ?? '';
      expect(isIP(canonical)).toBe(6);
      for (const form of forms) expect([form, ...parseAll(decorateIpv6(form))]).toEqual([form, canonical]);
    });
    fc.assert(property);
  });

  it('returns the canonical form unchanged', () => {
    const addresses = fc.oneof(fc.ipV4(), fc.ipV6());
    const property = fc.property(addresses, (address) => {
      const canonical = parseIpAddress(address);
      expect(canonical).not.toBeNull();
      expect(parseIpAddress(canonical ?? '')).toBe(canonical);
    });
    fc.assert(property);
  });

  it.each([
    ['::ffff:c633:6407', '198.51.100.7'],
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['64:ff9b::c633:6407', '198.51.100.7'],
    ['2002:c633:6407:1::1', '198.51.100.7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8:1:2:3:4:5:6:443', '2001:db8:1:2:3:4:5:6'],
    ['::1', '::1'],
    ['::', '::'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('returns %s as %s', (text, address) => {
    expect(parseIpAddress(text)).toBe(address);
  });

  it.each([
    '',
    ' ',
    'unknown',
    '_hidden',
    'localhost',
    'example.org:443',
    '127.1',
    '0x7f.0.0.1',
    '010.0.0.1',
    '2130706433',
    '198.51.100.256',
    '198.51.100.7:port',
    '198.51.100.7:123456',
    '[2001:db8::1',
    '2001:db8::1]',
    '[]',
    '1.1.1.1, 2.2.2.2',
    '198.51.100.7/24',
    '198.51.100.7\0',
  ])('rejects %j', (text) => {
    expect(parseIpAddress(text)).toBeNull();
  });

  it('accepts or rejects any text without throwing', () => {
    const property = fc.property(
      fc.string({ unit: fc.constantFrom(...'0123456789abcdf:.[]%"_ ') }),
      (text) => {
        const address = parseIpAddress(text);
        expect(address === null || isIP(address) > 0).toBe(true);
      },
    );
    fc.assert(property);
  });
});

describe('getIpAddressBlock', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7:4711', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
    ['64:ff9b::192.0.2.7', '192.0.2.7'],
    ['2002:c000:207:ffff::1', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['unknown', 'unknown'],
    ['', ''],
  ])('returns the block of %s: %s', (ipAddress, block) => {
    expect(getIpAddressBlock(ipAddress)).toBe(block);
  });

  it('gives the addresses of a /64 one block', () => {
    const property = fc.property(groups, groups, (one, two) => {
      const network = one.slice(0, 3);
      const [first, second] = [one, two].map((tail) =>
        getIpAddressBlock(
          [0x2a00, ...network, ...tail.slice(3)].map((group) => group.toString(16)).join(':'),
        ),
      );
      expect(first).toBe(second);
    });
    fc.assert(property);
  });
});

describe('parseNetwork', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    [' 192.0.2.7/32 ', '192.0.2.7'],
    ['192.0.2.7/24', '192.0.2.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:db8::1/128', '2001:db8::1'],
    ['2001:db8:1:2:3::/48', '2001:db8:1::/48'],
    ['2001::/16', '2001::/16'],
    ['::/0', '::/0'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7/128', '192.0.2.7'],
  ])('returns the canonical form of %s', (text, canonical) => {
    expect(parseNetwork(text)).toBe(canonical);
  });

  it.each([
    ...['', '192.0.2', '192.0.2.7/', '192.0.2.7/33', '192.0.2.7/-1', '192.0.2.7/024', '192.0.2.0/24/8'],
    ...[
      '192.0.2.7:80',
      '192.0.2.0-192.0.2.9',
      '010.0.0.1',
      '[2001:db8::1]',
      '2001:db8::/129',
      'fe80::1%eth0/64',
    ],
    // Client addresses in these ranges are compared as IPv4 addresses, so the range would match none.
    ...['::ffff:192.0.2.0/120', '64:ff9b::/96', '2002:c000:204::/48'],
    'example.com',
  ])('refuses "%s"', (text) => {
    expect(parseNetwork(text)).toBeNull();
  });
});

describe('isPrivateIpAddress', () => {
  it('distinguishes private addresses from those of the internet', () => {
    const privateOnes = [
      '10.0.0.5',
      '172.16.0.1',
      '192.168.1.1',
      '127.0.0.1',
      '100.64.0.1',
      '::1',
      'fd00::1',
    ];
    expect(privateOnes.filter((address) => !isPrivateIpAddress(address))).toEqual([]);
    expect(['203.0.113.7', '172.32.0.1', '2a00:1450::1'].filter(isPrivateIpAddress)).toEqual([]);
  });
});
