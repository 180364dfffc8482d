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

  it('names the invalid entry', () => {
    expect(parseNetworks(['192.0.2.9', '192.0.2.300']).message).toBe(
      '“192.0.2.300” isn’t an IP address or a range like 192.0.2.0/24.',
    );
  });
});

describe('editApiAccountSchema', () => {
  it('accepts up to 50 networks', () => {
    const parse = (networks: unknown) =>
      editApiAccountSchema.shape.allowedNetworks.safeParse(networks).success;
    const many = Array.from({ length: 51 }, (_, index) => `192.0.2.${index}`);
    expect([parse(many.slice(1)), parse(many), parse(['x'.repeat(101)])]).toEqual([true, false, false]);
  });
});
