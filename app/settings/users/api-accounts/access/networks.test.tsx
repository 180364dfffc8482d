import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { NetworkUse } from '#lib/api-accounts/networks/schema.ts';
import { NetworksConsequence } from './networks-consequence.tsx';
import { ProxyNotice } from './proxy-notice.tsx';
import { RefusedNetworks } from './refused-networks.tsx';

const NOW = new Date('2026-11-30T12:00:00Z');
const createSeen = (ipAddress: string, minutesAgo: number) => ({
  ipAddress,
  network: ipAddress,
  lastSeenAt: new Date(NOW.getTime() - minutesAgo * 60_000),
});
const USE: NetworkUse = {
  allowed: [
    createSeen('203.0.113.7', 120),
    createSeen('198.51.100.1', 240),
    createSeen('198.51.100.2', 300),
    createSeen('198.51.100.3', 360),
    createSeen('2001:db8::1', 400),
  ],
  hasMore: false,
  refused: [],
  proxyProblem: null,
  readAt: NOW,
};
const toText = (html: string) => html.replaceAll(/<[^>]*>/g, '').replaceAll('&#x27;', '’');

describe('NetworksConsequence', () => {
  const describeChange = (saved: string[] | null, typed: string[] | null, use = USE) =>
    toText(renderToStaticMarkup(<NetworksConsequence saved={saved} typed={typed} use={use} />));

  it('says that the last request would have been refused, and from where others came', () => {
    expect(describeChange(null, ['198.51.100.1'])).toBe(
      'When you save, addresses in recent use are refusedThe last request, 2 hours ago, came from 203.0.113.7, which isn’t in the list: the next one from there will be refused.So will requests from other addresses that were used in the last 30 days: 198.51.100.2, 198.51.100.3, 2001:db8::1.',
    );
  });

  it('names three other addresses, and counts the rest', () => {
    const text = describeChange(null, ['203.0.113.0/24']);
    expect(text).not.toContain('The last request');
    expect(text).toContain('198.51.100.1, 198.51.100.2, 198.51.100.3 and 1 more.');
  });

  it('confirms that all addresses in recent use are in the list, or that there are none', () => {
    const networks = ['203.0.113.7', '198.51.100.0/24', '2001:db8::/32'];
    expect(describeChange(null, networks)).toContain('All addresses that were used in the last 30 days');
    expect(describeChange(null, networks, { ...USE, allowed: [] })).toContain('check it with the company');
    const hasMore = describeChange(null, networks, { ...USE, hasMore: true });
    expect(hasMore).toContain('than we record, so check the list');
  });

  it('says that an empty list allows everything', () => {
    expect(describeChange(['192.0.2.1'], ['', ' '])).toContain('from anywhere');
  });

  it('says nothing if the networks are the saved ones', () => {
    expect(describeChange(['192.0.2.1', '192.0.2.2'], ['192.0.2.2', '', ' 192.0.2.1'])).toBe('');
    expect(describeChange(null, [''])).toBe('');
  });
});

describe('ProxyNotice', () => {
  it.each([
    [null, ''],
    ['no_trusted_proxies', 'VERIFIER_TRUSTED_PROXIES is 0'],
    ['private_addresses', 'private addresses, such as 203.0.113.7'],
  ] as const)('explains %s', (proxyProblem, text) => {
    const html = renderToStaticMarkup(<ProxyNotice use={{ ...USE, proxyProblem }} />);
    expect(toText(html)).toContain(text);
    expect(html === '').toBe(text === '');
  });
});

describe('RefusedNetworks', () => {
  const refused = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'].map((address) =>
    createSeen(address, 5),
  );
  const render = (use: NetworkUse, typed: string[] | null) =>
    renderToStaticMarkup(<RefusedNetworks use={use} typed={typed} onAdd={() => {}} />);

  it('offers to add each address that is not in the list yet', () => {
    const html = render({ ...USE, refused }, ['192.0.2.2']);
    expect(html.match(/aria-label="Add to the list: [^"]*"/g)).toEqual([
      'aria-label="Add to the list: 192.0.2.1"',
      'aria-label="Add to the list: 192.0.2.3"',
    ]);
    expect(toText(html)).toContain('192.0.2.2, 5 minutes agoIn the list: save to allow it.');
    expect(toText(html)).toContain('And from 1 more.');
  });

  it('shows nothing without refused addresses', () => {
    expect(render(USE, null)).toBe('');
  });
});
