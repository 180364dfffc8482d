import { expect, it } from 'vitest';
import { maskSearch } from './mask-search.ts';

it.each([
  ['it@example.com', '[email address]'],
  ['@example.com', '[email address]'],
  ['+447894123456', '[phone number]'],
  ['07894 123-456', '[phone number]'],
  ['(0) 7894/123', '[phone number]'],
  ['٠٧٨٩٤', '[phone number]'],
  ['Mobile: 07894 123456', '[phone number]'],
])('maskSearch masks %j', (search, masked) => {
  expect(maskSearch(search)).toBe(masked);
});

it.each([
  '',
  'Northgate',
  'Theatre 2026',
  'Unit 12345',
  '192.0.2.10',
  '192.0.',
  '2001:db8::1234:5678',
  '::ffff:cb00:714d',
])('maskSearch keeps %j', (search) => {
  expect(maskSearch(search)).toBe(search);
});
