import { expect, it } from 'vitest';
import { parseVerifyParameters } from './verify-parameters.ts';

it('parses each scope, in any encoding, and whether the request is a test', () => {
  expect(parseVerifyParameters('scope=orders:read&scope=orders%3Awrite&test=true')).toEqual({
    isTest: true,
    scopes: ['orders:read', 'orders:write'],
  });
  expect(parseVerifyParameters('')).toEqual({ isTest: false, scopes: [] });
});

it('keeps an empty scope, which no account with a list of scopes has', () => {
  expect(parseVerifyParameters('scope=').scopes).toEqual(['']);
  expect(parseVerifyParameters('scope').scopes).toEqual(['']);
});

it('ignores other parameters', () => {
  expect(parseVerifyParameters('page=2&scopes=x&test=1')).toEqual({ isTest: false, scopes: [] });
});

it('ignores the client’s own path and query string, which Envoy appends', () => {
  expect(parseVerifyParameters('/orders?page=2&scope=x&test=true')).toEqual({ isTest: false, scopes: [] });
  // As in docs/gateways/envoy/envoy.yaml.
  expect(parseVerifyParameters('scope=orders:read&/orders?page=2&scope=x&test=true')).toEqual({
    isTest: false,
    scopes: ['orders:read'],
  });
});
