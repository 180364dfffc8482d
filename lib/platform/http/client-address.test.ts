import { expect, test } from 'vitest';
import { clientAddress } from './client-address.ts';

const SOCKET = '10.0.0.9';

test('without a proxy, the header is the client’s own claim and is not read', () => {
  expect(clientAddress(SOCKET, '203.0.113.7', 0)).toBe(SOCKET);
});

test('the last trusted proxy’s entry counts, whatever the client put before it', () => {
  expect(clientAddress(SOCKET, '1.1.1.1, 203.0.113.7', 1)).toBe('203.0.113.7');
  expect(clientAddress(SOCKET, '1.1.1.1,203.0.113.7 , 10.0.0.2', 2)).toBe('203.0.113.7');
});

test('fewer entries than proxies: the first one', () => {
  expect(clientAddress(SOCKET, '203.0.113.7', 3)).toBe('203.0.113.7');
});

test('an entry that is no address is not believed', () => {
  expect(clientAddress(SOCKET, 'unknown', 1)).toBe(SOCKET);
  expect(clientAddress(SOCKET, '203.0.113.7:4711', 1)).toBe(SOCKET);
  expect(clientAddress(SOCKET, undefined, 1)).toBe(SOCKET);
});

test('IPv6, and a connection that is already gone', () => {
  expect(clientAddress(SOCKET, '2001:db8::1', 1)).toBe('2001:db8::1');
  expect(clientAddress(undefined, undefined, 0)).toBe('unknown');
});
