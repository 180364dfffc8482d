import { describe, expect, it } from 'vitest';
import { parseNetworks } from './parse-networks.ts';
import { editApiAccountSchema } from './schema.ts';

describe('parseNetworks', () => {
  it('normalises networks, removes duplicates, and accepts none', () => {
    const texts = ['192.0.2.9/24', '192.0.2.0/24', ' 2001:DB8::1 '];
    expect(parseNetworks(texts)).toEqual({ value: ['192.0.2.0/24', '2001:db8::1'] });
    expect(parseNetworks([])).toEqual({ value: null });
    expect(parseNetworks(null)).toEqual({ value: null });
    expect(parseNetworks(undefined)).toEqual({ value: undefined });
  });

  it('accepts empty lines, and several entries in a line', () => {
    const lines = ['', '192.0.2.7, 192.0.2.8;2001:db8::/32', ' ', '\t198.51.100.0/24 192.0.2.7'];
    expect(parseNetworks(lines)).toEqual({
      value: ['192.0.2.7', '192.0.2.8', '2001:db8::/32', '198.51.100.0/24'],
    });
    expect(parseNetworks(['', ' '])).toEqual({ value: null });
  });

  it('names the first invalid entry and its line', () => {
    expect(parseNetworks(['192.0.2.9', '', '192.0.2.8, 192.0.2.300', 'example.com']).message).toBe(
      'Line 3: “192.0.2.300” isn’t an IP address or a range like 192.0.2.0/24.',
    );
    expect(parseNetworks(['x'.repeat(1_000)]).message).toMatch(/^Line 1: “x{60}…” isn’t/);
  });
});

describe('editApiAccountSchema', () => {
  it('accepts up to 50 networks', () => {
    const parse = (networks: unknown) =>
      editApiAccountSchema.shape.allowedNetworks.safeParse(networks).success;
    const many = Array.from({ length: 51 }, (_, index) => `192.0.2.${index}`);
    expect([parse(many.slice(1)), parse(many), parse([many.join(' ')])]).toEqual([true, false, false]);
    expect([parse([...many.slice(1), '', ' ']), parse(['x'.repeat(10_001)])]).toEqual([true, false]);
  });
});
