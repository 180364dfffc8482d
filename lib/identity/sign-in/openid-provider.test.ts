import { expect, test } from 'vitest';
import type { SingleSignOn } from '#lib/platform/config/single-sign-on-settings.ts';
import { openidProvider } from './openid-provider.ts';

const other: SingleSignOn = {
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
] as const)('sends to %s (forced login: %s) the parameters %j', (provider, forceLogin, params) => {
  expect(openidProvider({ ...other, provider }, forceLogin)).toMatchObject({
    checks: ['pkce', 'state', 'nonce'],
    authorization: { params },
  });
  expect(openidProvider({ ...other, provider }, forceLogin).authorization).toEqual({ params });
});
