import { describe, expect, it } from 'vitest';
import { parseSettings } from './settings.ts';

const CLIENT = { OIDC_CLIENT_ID: 'stagedoor', OIDC_CLIENT_SECRET: 'secret' };
const TENANT = '7B7D1E0F-6b0c-4f0e-9d4c-0a3b1f2c3d4e';

function parseValidSettings(environment: Record<string, string>) {
  const result = parseSettings(environment, 'all');
  if (!result.ok) throw new Error(result.errors.join('\n'));
  return result.settings;
}
const findInvalidVariables = (environment: Record<string, string>) => {
  const result = parseSettings(environment, 'all');
  return result.ok ? [] : result.errors.map((sentence) => sentence.split(' ')[0]);
};

describe('single sign-on settings', () => {
  it('are null without a provider', () => {
    expect(parseValidSettings({})).toMatchObject({ singleSignOn: null, isLocalAuthEnabled: true });
  });

  it('accept any issuer', () => {
    const { singleSignOn } = parseValidSettings({
      ...CLIENT,
      OIDC_ISSUER: 'https://id.example.org/realms/x',
    });
    expect(singleSignOn).toEqual({
      provider: 'other',
      issuer: 'https://id.example.org/realms/x',
      name: 'id.example.org',
      clientId: 'stagedoor',
      clientSecret: 'secret',
      hostedDomain: null,
      roles: null,
    });
  });

  it('derive the provider from an Entra tenant or a Google domain', () => {
    expect(parseValidSettings({ ...CLIENT, OIDC_ENTRA_TENANT: TENANT }).singleSignOn).toMatchObject({
      provider: 'entra',
      issuer: `https://login.microsoftonline.com/${TENANT.toLowerCase()}/v2.0`,
      name: 'Microsoft',
    });
    const google = parseValidSettings({ ...CLIENT, OIDC_GOOGLE_DOMAIN: 'Example.org', OIDC_NAME: 'Example' });
    expect(google.singleSignOn).toMatchObject({
      provider: 'google',
      hostedDomain: 'example.org',
      name: 'Example',
    });
  });

  it('can map a claim to roles and disable passwords', () => {
    const { singleSignOn, isLocalAuthEnabled } = parseValidSettings({
      ...CLIENT,
      OIDC_ENTRA_TENANT: TENANT,
      OIDC_ROLE_CLAIM: 'roles',
      OIDC_ADMINISTRATORS: 'Admin, Owner,',
      PASSWORD_SIGN_IN: '0',
    });
    expect(singleSignOn?.roles).toEqual({ claim: 'roles', administrators: ['Admin', 'Owner'], viewers: [] });
    expect(isLocalAuthEnabled).toBe(false);
  });

  it.each([
    [{ PASSWORD_SIGN_IN: '0' }, ['PASSWORD_SIGN_IN']],
    [CLIENT, ['OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET']],
    [{ OIDC_ISSUER: 'https://id.example.org' }, ['OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET']],
    [{ ...CLIENT, OIDC_ISSUER: 'http://id.example.org' }, ['OIDC_ISSUER']],
    [{ ...CLIENT, OIDC_ENTRA_TENANT: 'common' }, ['OIDC_ENTRA_TENANT']],
    [{ ...CLIENT, OIDC_GOOGLE_DOMAIN: 'gmail' }, ['OIDC_GOOGLE_DOMAIN']],
    [{ ...CLIENT, OIDC_ENTRA_TENANT: TENANT, OIDC_GOOGLE_DOMAIN: 'example.org' }, ['OIDC_ENTRA_TENANT']],
    [{ ...CLIENT, OIDC_ENTRA_TENANT: TENANT, OIDC_ROLE_CLAIM: 'roles' }, ['OIDC_ADMINISTRATORS']],
    [{ ...CLIENT, OIDC_ENTRA_TENANT: TENANT, OIDC_VIEWERS: 'x' }, ['OIDC_ROLE_CLAIM']],
  ])('report errors in %j', (environment, names) => {
    expect(findInvalidVariables(environment)).toEqual(names);
  });
});
