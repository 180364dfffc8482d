import { describe, expect, it } from 'vitest';
import type { NetworkUse } from '#lib/api-accounts/networks/schema.ts';
import {
  describeSavedNetworks,
  describeSuggestion,
  findRefusedByList,
  suggestNetworks,
} from './network-suggestions.ts';

const createUse = (addresses: [string, string?][]): NetworkUse => ({
  allowed: addresses.map(([ipAddress, network = ipAddress]) => ({
    ipAddress,
    network,
    lastSeenAt: new Date(0),
  })),
  hasMore: false,
  refused: [],
  proxyProblem: null,
  readAt: new Date(0),
});
const USE = createUse([
  ['192.0.2.1'],
  ['198.51.100.1'],
  ['2001:db8::1', '2001:db8::/64'],
  ['2001:db8::2', '2001:db8::/64'],
]);

describe('suggestNetworks', () => {
  it('adds what the list lacks, each network once', () => {
    expect(suggestNetworks([], USE)).toEqual({
      added: ['192.0.2.1', '198.51.100.1', '2001:db8::/64'],
      message: 'Added 4 addresses that were used in the last 30 days.',
    });
    expect(suggestNetworks(['198.51.100.0/24, 2001:db8::/32'], USE)).toEqual({
      added: ['192.0.2.1'],
      message: 'Added 1 address that was used in the last 30 days.',
    });
  });

  it('adds nothing if the list has all', () => {
    expect(suggestNetworks(['0.0.0.0/0', '::/0'], USE)).toMatchObject({
      added: [],
      message: expect.stringContaining('are in the list'),
    });
  });

  it('adds nothing if the list would be too long', () => {
    const lines = Array.from({ length: 48 }, (_, n) => `203.0.113.${n}`);
    expect(suggestNetworks(lines, USE)).toMatchObject({
      added: [],
      message: expect.stringContaining('too many'),
    });
    expect(suggestNetworks(lines.slice(1), USE).added).toHaveLength(3);
  });
});

describe('describeSuggestion', () => {
  it('says why nothing can be suggested', () => {
    expect(describeSuggestion(USE)).toBeNull();
    expect(describeSuggestion(createUse([]))).toContain('Nothing to suggest');
    expect(describeSuggestion({ ...USE, hasMore: true })).toContain('more than 99 addresses');
  });
});

describe('findRefusedByList', () => {
  it('finds addresses in recent use that are in no network, also while one is typed', () => {
    const find = (lines: string[]) => findRefusedByList(lines, USE).map(({ ipAddress }) => ipAddress);
    expect(find(['192.0.2.0/24', '2001:db8::1', '198.51.100.'])).toEqual(['198.51.100.1', '2001:db8::2']);
    expect(find(['0.0.0.0/0 ::/0'])).toEqual([]);
  });
});

describe('describeSavedNetworks', () => {
  it('describes only networks that changed', () => {
    const describeChange = (before: string[] | null, after: string[] | null) =>
      describeSavedNetworks({ before: { allowedNetworks: before }, after: { allowedNetworks: after } });
    expect(describeChange(null, null)).toBe(false);
    expect(describeChange(['192.0.2.1'], ['192.0.2.1'])).toBe(false);
    expect(describeChange(['192.0.2.1'], null)).toBe('It’s allowed from anywhere.');
    expect(describeChange(null, ['192.0.2.0/24'])).toBe('It’s allowed from 192.0.2.0/24 only.');
    expect(describeChange(null, ['192.0.2.1', '192.0.2.2'])).toBe('It’s allowed from 2 networks only.');
  });
});
