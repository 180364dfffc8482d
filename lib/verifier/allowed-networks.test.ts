import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIpAddress, parseNetwork } from '#lib/platform/http/ip-address.ts';
import { atScale } from '#lib/testing/scale.ts';
import { isInNetworks } from './allowed-networks.ts';

/** Converts an address to its bits. */
function toBits(address: string): string {
  if (!address.includes(':'))
    return address
      .split('.')
      .map((octet) => Number(octet).toString(2).padStart(8, '0'))
      .join('');
  const [start = '', end] = address.split('::');
  const parse = (part: string) => (part === '' ? [] : part.split(':'));
  const [head, tail] = [parse(start), parse(end ?? '')];
  const groups = [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail];
  return groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('');
}

describe('isInNetworks', () => {
  it('compares the bits of the prefix, for any address and range', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6()).map(parseIpAddress);
    const property = fc.property(
      address,
      address,
      fc.nat(128),
      fc.boolean(),
      (client, base, length, isNear) => {
        fc.pre(client !== null && base !== null);
        const network = parseNetwork(`${isNear ? client : base}/${length}`);
        fc.pre(network !== null);
        const [first = '', prefix] = network.split('/');
        const [clientBits, bits] = [toBits(client), toBits(first)];
        const isInside =
          clientBits.length === bits.length &&
          clientBits.startsWith(bits.slice(0, Number(prefix ?? bits.length)));
        expect(isInNetworks(client, network)).toBe(isInside);
        expect(isInNetworks(client, `192.0.2.1 ${network} 2001:db8::/32`)).toBe(
          isInside || client === '192.0.2.1' || client.startsWith('2001:db8:'),
        );
      },
    );
    fc.assert(property, { numRuns: atScale({ normal: 500, soak: 20_000 }) });
  });

  it('finds no address in a network if it is unknown', () => {
    expect(isInNetworks('unknown', '0.0.0.0/0 ::/0')).toBe(false);
  });

  it('accepts 50 ranges of both versions', () => {
    const ranges = Array.from({ length: 50 }, (_, index) =>
      index % 2 ? `10.${index}.0.0/16` : `2001:db8:${index}::/48`,
    );
    expect(isInNetworks('10.49.1.2', ranges.join(' '))).toBe(true);
    expect(isInNetworks('2001:db8:48::1', ranges.join(' '))).toBe(true);
    expect(isInNetworks('10.50.1.2', ranges.join(' '))).toBe(false);
  });
});
