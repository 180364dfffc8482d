import { expect, test } from 'vitest';
import type { SingleSignOn } from '#lib/platform/config/single-sign-on-settings.ts';
import { createOpenidProvider } from './openid-provider.ts';

const otherProvider: SingleSignOn = {
  provider: 'other',
  issuer: 'https://id.example.org',
  name: 'Example',
  clientId: 'id',
  clientSecret: 'secret',
  hostedDomain: null,
  roles: null,
};
const scope = 'openid email profile';

test.each([
  ['other', false, { scope, max_age: 43_200 }],
  ['other', true, { scope, prompt: 'login', max_age: 0 }],
  ['entra', true, { scope, prompt: 'login', max_age: 0 }],
  ['google', false, { scope }],
  ['google', true, { scope, prompt: 'select_account' }],
] as const)('for %s, with `forceLogin: %s`, sends the parameters %j', (provider, forceLogin, params) => {
  expect(createOpenidProvider({ ...otherProvider, provider }, { forceLogin })).toMatchObject({
    checks: ['pkce', 'state', 'nonce'],
    authorization: { params },
  });
  expect(createOpenidProvider({ ...otherProvider, provider }, { forceLogin }).authorization).toEqual({
    params,
  });
});
