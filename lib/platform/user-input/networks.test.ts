import { describe, expect, it } from 'vitest';
import { isInTypedNetworks, splitNetworks } from './networks.ts';

describe('splitNetworks', () => {
  it('splits lines at spaces, commas and semicolons, and numbers them', () => {
    expect(splitNetworks(['', ' 192.0.2.1,192.0.2.2; ::1'])).toEqual([
      { text: '192.0.2.1', line: 2 },
      { text: '192.0.2.2', line: 2 },
      { text: '::1', line: 2 },
    ]);
  });
});

describe('isInTypedNetworks', () => {
  it('finds an address in an address or a range of its version', () => {
    expect(isInTypedNetworks('192.0.2.7', ['192.0.2.7'])).toBe(true);
    expect(isInTypedNetworks('192.0.2.7', ['198.51.100.0/24', '192.0.2.9/24'])).toBe(true);
    expect(isInTypedNetworks('192.0.2.7', ['::ffff:192.0.2.7'])).toBe(true);
    expect(isInTypedNetworks('2001:db8::1', ['2001:DB8::/32'])).toBe(true);
    expect(isInTypedNetworks('192.0.2.7', ['192.0.2.8', '192.0.2.0/30', '::/0'])).toBe(false);
    expect(isInTypedNetworks('2001:db8::1', ['0.0.0.0/0'])).toBe(false);
  });

  it('finds nothing in text that is no network', () => {
    expect(isInTypedNetworks('192.0.2.7', ['', '192.0.2.', '192.0.2.7/33', 'example.com'])).toBe(false);
  });
});
