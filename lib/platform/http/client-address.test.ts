import { expect, test } from 'vitest';
import { clientAddress } from './client-address.ts';

const SOCKET = '10.0.0.9';

test('ignores the header without a trusted proxy', () => {
  expect(clientAddress(SOCKET, '203.0.113.7', 0)).toBe(SOCKET);
});

test('uses the entry of the outermost trusted proxy, not what the client sent', () => {
  expect(clientAddress(SOCKET, '1.1.1.1, 203.0.113.7', 1)).toBe('203.0.113.7');
  expect(clientAddress(SOCKET, '1.1.1.1,203.0.113.7 , 10.0.0.2', 2)).toBe('203.0.113.7');
});

test('uses the first entry if there are fewer entries than proxies', () => {
  expect(clientAddress(SOCKET, '203.0.113.7', 3)).toBe('203.0.113.7');
});

test('ignores an entry that is not an IP address', () => {
  expect(clientAddress(SOCKET, 'unknown', 1)).toBe(SOCKET);
  expect(clientAddress(SOCKET, '203.0.113.7:4711', 1)).toBe(SOCKET);
  expect(clientAddress(SOCKET, undefined, 1)).toBe(SOCKET);
});

test('accepts IPv6, and returns unknown for a closed connection', () => {
  expect(clientAddress(SOCKET, '2001:db8::1', 1)).toBe('2001:db8::1');
  expect(clientAddress(undefined, undefined, 0)).toBe('unknown');
});
