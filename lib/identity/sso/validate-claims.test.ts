import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SingleSignOn } from '#lib/platform/config/single-sign-on-settings.ts';
import { readClaim, validateClaims } from './validate-claims.ts';

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
const readProfile = (settings: SingleSignOn, given: Record<string, unknown>) => {
  const result = validateClaims(settings, given);
  if (!result.ok) throw new Error(result.reason);
  return result.profile;
};

describe('validateClaims', () => {
  it('returns the profile', () => {
    expect(readProfile(otherProvider, claims)).toEqual({
      issuerAndSubject: `${ISSUER} 7f3a`,
      email: 'Ada@example.org',
      name: 'Ada Lovelace',
      role: undefined,
      isRoleClaimMissing: false,
      authenticatedAt: new Date(1_790_000_000_000),
    });
  });

  it.each([false, undefined, null, 0, 1, 'false', 'TRUE', 'yes', {}, []])(
    'ignores an email address if `email_verified` is %j',
    (email_verified) => {
      expect(readProfile(otherProvider, { ...claims, email_verified }).email).toBeNull();
    },
  );

  it('accepts any valid email address, with the domain in ASCII', () => {
    const readEmail = (email: string) => readProfile(otherProvider, { ...claims, email }).email;
    for (const email of ['r&d@example.org', 'dev=13@xn--e1aybc.xn--p1ai'])
      expect(readEmail(email)).toBe(email);
    expect(readEmail('ada@пример.рф')).toBe('ada@xn--e1afmkfd.xn--p1ai');
  });

  it('ignores an invalid email address', () => {
    for (const email of [
      'Ada <ada@example.org>',
      'mailto:ada@example.org',
      '"ada@example.org"@x.example',
      '',
      'ada',
      'a@b@c.example',
      `${'a'.repeat(250)}@example.org`,
      7,
      null,
    ])
      expect(readProfile(otherProvider, { ...claims, email }).email).toBeNull();
  });

  it('trusts an email address from Entra only if `acct` says that the user is a member, and `idp` names no other issuer', () => {
    const { email_verified: _, ...withoutVerified } = claims;
    // Entra does not send `email_verified`. `acct` is 0 for a member and 1 for a guest.
    const member = { ...withoutVerified, acct: 0 };
    expect(readProfile(entra, member).email).toBe('Ada@example.org');
    expect(readProfile(entra, { ...member, idp: ISSUER }).email).toBe('Ada@example.org');
    expect(readProfile(entra, { ...member, idp: 'https://sts.windows.net/other/' }).email).toBeNull();
    expect(readProfile(entra, withoutVerified).email).toBeNull();
    expect(readProfile(entra, { ...member, acct: 1 }).email).toBeNull();
    expect(readProfile(otherProvider, member).email).toBeNull();
  });

  it('rejects another issuer or hosted domain, but ignores a trailing slash of the issuer and the case of the domain', () => {
    const wrongOrganisation = { ok: false, reason: 'wrong_organisation' };
    expect(validateClaims(otherProvider, { ...claims, iss: 'https://id.example.com' })).toEqual(
      wrongOrganisation,
    );
    for (const hd of [undefined, 'example.com', 'sub.example.org', ''])
      expect(validateClaims(google, { ...claims, hd })).toEqual(wrongOrganisation);
    expect(validateClaims(google, { ...claims, hd: 'Example.org' }).ok).toBe(true);
    expect(validateClaims({ ...otherProvider, issuer: `${ISSUER}/` }, claims).ok).toBe(true);
  });

  it('rejects a malformed subject', () => {
    for (const sub of ['a b', 'ü', 'x'.repeat(256), 7, 'a\n'])
      expect(validateClaims(otherProvider, { ...claims, sub })).toEqual({ ok: false, reason: 'malformed' });
  });

  it.each(['iss', 'sub'])('names a missing claim `%s`', (claim) => {
    for (const value of [undefined, null, ''])
      expect(validateClaims(otherProvider, { ...claims, [claim]: value })).toEqual({
        ok: false,
        reason: `missing_${claim}`,
      });
  });

  it.each([
    ['missing_email', otherProvider, { email: undefined, preferred_username: 'ada@example.org' }],
    ['missing_email', otherProvider, { email: '' }],
    ['missing_email', entra, { email: undefined, acct: 0 }],
    ['invalid_email', otherProvider, { email: 'ada' }],
    ['missing_email_verified', otherProvider, { email_verified: undefined }],
    ['no_email', otherProvider, { email_verified: false }],
    ['missing_acct', entra, { email_verified: undefined }],
    ['no_email', entra, { email_verified: undefined, acct: 1 }],
    [undefined, otherProvider, {}],
  ])('returns the problem %s of an email address', (emailProblem, settings, change) => {
    expect(readProfile(settings, { ...claims, ...change }).emailProblem).toBe(emailProblem);
  });

  it('returns whether the claim for roles is missing', () => {
    const withRoles = { ...otherProvider, roles: { ...roles, claim: 'groups' } };
    expect(readProfile(withRoles, claims).isRoleClaimMissing).toBe(true);
    expect(readProfile(withRoles, { ...claims, groups: [] }).isRoleClaimMissing).toBe(false);
    expect(readProfile(otherProvider, claims).isRoleClaimMissing).toBe(false);
  });

  it('returns when the user authenticated if the provider reports it, and `now` for Google', () => {
    const unknown = [undefined, null, '', 'today', -1, '-1', 1.5, '1.5', '0x10', 1e15, '1e9', [1], true];
    for (const auth_time of unknown)
      expect(readProfile(otherProvider, { ...claims, auth_time }).authenticatedAt).toBeNull();
    for (const auth_time of [1_790_000_000, '1790000000'])
      expect(readProfile(otherProvider, { ...claims, auth_time }).authenticatedAt).toEqual(
        new Date(1_790_000_000_000),
      );
    expect(readProfile(google, { ...claims, hd: 'example.org', auth_time: 5 }).authenticatedAt).toBe('now');
  });

  it('normalises the name to printable characters', () => {
    expect(readProfile(otherProvider, { ...claims, name: ' A\u202Eda\u0000\n ' }).name).toBe('Ada');
    expect(readProfile(otherProvider, { ...claims, name: 'علی\u200cرضا' }).name).toBe('علی\u200cرضا');
    expect(readProfile(otherProvider, { ...claims, name: '😀'.repeat(200) }).name).toBe('😀'.repeat(100));
    expect(readProfile(otherProvider, { ...claims, name: { first: 'Ada' } }).name).toBe('');
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
    expect(readProfile({ ...otherProvider, roles }, { ...claims, realm_access }).role).toBe(role);
  });

  it('rejects a role claim that Entra left out of the token', () => {
    const given = { ...claims, _claim_names: { groups: 'src1' } };
    const byGroups = { ...entra, roles: { ...roles, claim: 'groups' } };
    expect(validateClaims(byGroups, given)).toEqual({ ok: false, reason: 'missing_role_claim' });
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

describe('readClaim', () => {
  it('finds a name with dots in it, and follows a path otherwise', () => {
    expect(readClaim({ 'https://example.org/roles': ['a'] }, 'https://example.org/roles')).toEqual(['a']);
    expect(readClaim({ a: { b: { c: 1 } } }, 'a.b.c')).toBe(1);
    expect(readClaim({ a: { b: 1 } }, 'a.b.c')).toBeUndefined();
    expect(readClaim({}, 'constructor.name')).toBeUndefined();
    expect(readClaim({ a: [1] }, 'a.length')).toBeUndefined();
  });
});
