import { describe, expect, it } from 'vitest';
import { getIpAddressBlock, resolveClientIpAddress } from './client-ip-address.ts';

const SOCKET_ADDRESS = '10.0.0.9';

describe('resolveClientIpAddress', () => {
  it('ignores the header without a trusted proxy', () => {
    expect(resolveClientIpAddress(SOCKET_ADDRESS, '203.0.113.7', 0)).toBe(SOCKET_ADDRESS);
  });

  it('uses the entry of the outermost trusted proxy, not what the client sent', () => {
    expect(resolveClientIpAddress(SOCKET_ADDRESS, '1.1.1.1, 203.0.113.7', 1)).toBe('203.0.113.7');
    expect(resolveClientIpAddress(SOCKET_ADDRESS, '1.1.1.1,203.0.113.7 , 10.0.0.2', 2)).toBe('203.0.113.7');
  });

  it('uses the first entry if there are fewer entries than trusted proxies', () => {
    expect(resolveClientIpAddress(SOCKET_ADDRESS, '203.0.113.7', 3)).toBe('203.0.113.7');
  });

  it('ignores an entry that is not an IP address', () => {
    expect(resolveClientIpAddress(SOCKET_ADDRESS, 'unknown', 1)).toBe(SOCKET_ADDRESS);
    expect(resolveClientIpAddress(SOCKET_ADDRESS, '203.0.113.7:4711', 1)).toBe(SOCKET_ADDRESS);
    expect(resolveClientIpAddress(SOCKET_ADDRESS, undefined, 1)).toBe(SOCKET_ADDRESS);
  });

  it('accepts IPv6, and returns unknown for a closed connection', () => {
    expect(resolveClientIpAddress(SOCKET_ADDRESS, '2001:db8::1', 1)).toBe('2001:db8::1');
    expect(resolveClientIpAddress(undefined, undefined, 0)).toBe('unknown');
  });
});

describe('getIpAddressBlock', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['unknown', 'unknown'],
    ['', ''],
  ])('returns the block of %s: %s', (ipAddress, block) => {
    expect(getIpAddressBlock(ipAddress)).toBe(block);
  });
});
