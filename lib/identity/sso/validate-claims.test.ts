import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SingleSignOn } from '#lib/platform/config/single-sign-on-settings.ts';
import { claimNamed, validateClaims } from './validate-claims.ts';

const ISSUER = 'https://id.example.org';
const otherProvider: SingleSignOn = {
  provider: 'other',
  issuer: ISSUER,
  name: 'Example',
  clientId: 'id',
  clientSecret: 'secret',
  hostedDomain: null,
  roles: null,
};
const google: SingleSignOn = { ...otherProvider, provider: 'google', hostedDomain: 'example.org' };
const entra: SingleSignOn = { ...otherProvider, provider: 'entra' };
const roles = { claim: 'realm_access.roles', administrators: ['admin', 'owner'], viewers: ['staff'] };

const claims = {
  iss: ISSUER,
  sub: '7f3a',
  email: 'Ada@example.org',
  email_verified: true,
  name: 'Ada Lovelace',
  auth_time: 1_790_000_000,
};
const profileOf = (settings: SingleSignOn, given: Record<string, unknown>) => {
  const result = validateClaims(settings, given);
  if (!result.ok) throw new Error(result.reason);
  return result.profile;
};

describe('validateClaims', () => {
  it('returns the profile that the provider has verified', () => {
    expect(profileOf(otherProvider, claims)).toEqual({
      issuerAndSubject: `${ISSUER} 7f3a`,
      email: 'Ada@example.org',
      name: 'Ada Lovelace',
      role: undefined,
      authenticatedAt: new Date(1_790_000_000_000),
    });
  });

  it.each([false, undefined, null, 0, 1, 'false', 'TRUE', 'yes', {}, []])(
    'ignores an email address with email_verified %j',
    (email_verified) => {
      expect(profileOf(otherProvider, { ...claims, email_verified }).email).toBeNull();
    },
  );

  it('ignores an invalid email address', () => {
    for (const email of ['', 'ada', 'a@b@c.example', `${'a'.repeat(250)}@example.org`, 7, null])
      expect(profileOf(otherProvider, { ...claims, email }).email).toBeNull();
  });

  it('trusts an email address of Entra, but not of a guest', () => {
    const { email_verified: _, ...withoutVerified } = claims;
    const unverified = { ...withoutVerified, acct: 0 };
    expect(profileOf(entra, unverified).email).toBe('Ada@example.org');
    expect(profileOf(entra, { ...unverified, idp: ISSUER }).email).toBe('Ada@example.org');
    expect(profileOf(entra, { ...unverified, idp: 'https://sts.windows.net/other/' }).email).toBeNull();
    expect(profileOf(entra, withoutVerified).email).toBeNull();
    expect(profileOf(entra, { ...unverified, acct: 1 }).email).toBeNull();
    expect(profileOf(otherProvider, unverified).email).toBeNull();
  });

  it('rejects another issuer or hosted domain', () => {
    const foreign = { ok: false, reason: 'foreign' };
    expect(validateClaims(otherProvider, { ...claims, iss: 'https://id.example.com' })).toEqual(foreign);
    for (const hd of [undefined, 'example.com', 'sub.example.org', ''])
      expect(validateClaims(google, { ...claims, hd })).toEqual(foreign);
    expect(validateClaims(google, { ...claims, hd: 'Example.org' }).ok).toBe(true);
    expect(validateClaims({ ...otherProvider, issuer: `${ISSUER}/` }, claims).ok).toBe(true);
  });

  it('rejects a malformed or ambiguous subject', () => {
    for (const sub of ['', 'a b', 'ü', 'x'.repeat(256), 7, undefined, 'a\n'])
      expect(validateClaims(otherProvider, { ...claims, sub })).toEqual({ ok: false, reason: 'malformed' });
  });

  it('returns when the user authenticated only if the provider says so', () => {
    for (const auth_time of [undefined, 'today', -1, 1.5, 1e15])
      expect(profileOf(otherProvider, { ...claims, auth_time }).authenticatedAt).toBeNull();
    expect(profileOf(google, { ...claims, hd: 'example.org', auth_time: 5 }).authenticatedAt).toBe('now');
  });

  it('normalises the name to printable characters', () => {
    expect(profileOf(otherProvider, { ...claims, name: ' A\u202Eda\u0000\n ' }).name).toBe('Ada');
    expect(profileOf(otherProvider, { ...claims, name: '😀'.repeat(200) }).name).toBe('😀'.repeat(100));
    expect(profileOf(otherProvider, { ...claims, name: { first: 'Ada' } }).name).toBe('');
  });

  it.each([
    [{ roles: ['staff'] }, 'settings_viewer'],
    [{ roles: ['staff', 'owner'] }, 'settings_administrator'],
    [{ roles: 'admin' }, 'settings_administrator'],
    [{ roles: 'admin,staff' }, null],
    [{ roles: { admin: true } }, null],
    [{ roles: ['Admin'] }, null],
    [{}, null],
    [null, null],
    ['admin', null],
  ])('maps %j to the role %s', (realm_access, role) => {
    expect(profileOf({ ...otherProvider, roles }, { ...claims, realm_access }).role).toBe(role);
  });

  it('rejects a role claim that did not fit into the token', () => {
    const given = { ...claims, _claim_names: { groups: 'src1' } };
    const byGroups = { ...entra, roles: { ...roles, claim: 'groups' } };
    expect(validateClaims(byGroups, given)).toEqual({ ok: false, reason: 'malformed' });
    expect(validateClaims({ ...entra, roles }, given).ok).toBe(true);
  });

  it('never throws, whatever the provider sends', () => {
    fc.assert(
      fc.property(
        fc.object({ key: fc.constantFrom('iss', 'sub', 'email', 'name', 'realm_access', '__proto__') }),
        (given) => {
          validateClaims({ ...otherProvider, roles }, { ...claims, ...(given as Record<string, unknown>) });
        },
      ),
    );
  });
});

describe('claimNamed', () => {
  it('finds a name with dots in it, and follows a path otherwise', () => {
    expect(claimNamed({ 'https://example.org/roles': ['a'] }, 'https://example.org/roles')).toEqual(['a']);
    expect(claimNamed({ a: { b: { c: 1 } } }, 'a.b.c')).toBe(1);
    expect(claimNamed({ a: { b: 1 } }, 'a.b.c')).toBeUndefined();
    expect(claimNamed({}, 'constructor.name')).toBeUndefined();
    expect(claimNamed({ a: [1] }, 'a.length')).toBeUndefined();
  });
});
