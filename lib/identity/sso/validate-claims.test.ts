import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SingleSignOn } from '#lib/platform/config/single-sign-on-settings.ts';
import { claimNamed, validateClaims } from './validate-claims.ts';

const ISSUER = 'https://id.example.org';
const other: SingleSignOn = {
  provider: 'other',
  issuer: ISSUER,
  name: 'Example',
  clientId: 'id',
  clientSecret: 'secret',
  hostedDomain: null,
  roles: null,
};
const google: SingleSignOn = { ...other, provider: 'google', hostedDomain: 'example.org' };
const entra: SingleSignOn = { ...other, provider: 'entra' };
const roles = { claim: 'realm_access.roles', administrators: ['admin', 'owner'], viewers: ['staff'] };

const claims = {
  iss: ISSUER,
  sub: '7f3a',
  email: 'Ada@example.org',
  email_verified: true,
  name: 'Ada Lovelace',
  auth_time: 1_790_000_000,
};
const holderOf = (settings: SingleSignOn, said: Record<string, unknown>) => {
  const judged = validateClaims(settings, said);
  if (!judged.ok) throw new Error(judged.reason);
  return judged.holder;
};

describe('validateClaims', () => {
  it('takes what the provider vouches for', () => {
    expect(holderOf(other, claims)).toEqual({
      issuerAndSubject: `${ISSUER} 7f3a`,
      email: 'Ada@example.org',
      name: 'Ada Lovelace',
      role: undefined,
      authenticatedAt: new Date(1_790_000_000_000),
    });
  });

  it.each([false, undefined, null, 0, 1, 'false', 'TRUE', 'yes', {}, []])(
    'believes no address with email_verified %j',
    (email_verified) => {
      expect(holderOf(other, { ...claims, email_verified }).email).toBeNull();
    },
  );

  it('believes no address that is none', () => {
    for (const email of ['', 'ada', 'a@b@c.example', `${'a'.repeat(250)}@example.org`, 7, null])
      expect(holderOf(other, { ...claims, email }).email).toBeNull();
  });

  it('believes an address of Entra, but not of a guest', () => {
    const { email_verified: _, ...without } = claims;
    const unverified = { ...without, acct: 0 };
    expect(holderOf(entra, unverified).email).toBe('Ada@example.org');
    expect(holderOf(entra, { ...unverified, idp: ISSUER }).email).toBe('Ada@example.org');
    expect(holderOf(entra, { ...unverified, idp: 'https://sts.windows.net/other/' }).email).toBeNull();
    expect(holderOf(entra, without).email).toBeNull();
    expect(holderOf(entra, { ...unverified, acct: 1 }).email).toBeNull();
    expect(holderOf(other, unverified).email).toBeNull();
  });

  it('lets nobody in from elsewhere', () => {
    const foreign = { ok: false, reason: 'foreign' };
    expect(validateClaims(other, { ...claims, iss: 'https://id.example.com' })).toEqual(foreign);
    for (const hd of [undefined, 'example.com', 'sub.example.org', ''])
      expect(validateClaims(google, { ...claims, hd })).toEqual(foreign);
    expect(validateClaims(google, { ...claims, hd: 'Example.org' }).ok).toBe(true);
    expect(validateClaims({ ...other, issuer: `${ISSUER}/` }, claims).ok).toBe(true);
  });

  it('takes no subject that two could be told by', () => {
    for (const sub of ['', 'a b', 'ü', 'x'.repeat(256), 7, undefined, 'a\n'])
      expect(validateClaims(other, { ...claims, sub })).toEqual({ ok: false, reason: 'malformed' });
  });

  it('knows when the person was asked only where it is told', () => {
    for (const auth_time of [undefined, 'today', -1, 1.5, 1e15])
      expect(holderOf(other, { ...claims, auth_time }).authenticatedAt).toBeNull();
    expect(holderOf(google, { ...claims, hd: 'example.org', auth_time: 5 }).authenticatedAt).toBe('now');
  });

  it('makes a name one can print', () => {
    expect(holderOf(other, { ...claims, name: ' A\u202Eda\u0000\n ' }).name).toBe('Ada');
    expect(holderOf(other, { ...claims, name: '😀'.repeat(200) }).name).toBe('😀'.repeat(100));
    expect(holderOf(other, { ...claims, name: { first: 'Ada' } }).name).toBe('');
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
  ])('gives for %j the role %s', (realm_access, role) => {
    expect(holderOf({ ...other, roles }, { ...claims, realm_access }).role).toBe(role);
  });

  it('does not take a claim that did not fit into the token for none', () => {
    const said = { ...claims, _claim_names: { groups: 'src1' } };
    const byGroups = { ...entra, roles: { ...roles, claim: 'groups' } };
    expect(validateClaims(byGroups, said)).toEqual({ ok: false, reason: 'malformed' });
    expect(validateClaims({ ...entra, roles }, said).ok).toBe(true);
  });

  it('throws at nothing that a provider may say', () => {
    fc.assert(
      fc.property(
        fc.object({ key: fc.constantFrom('iss', 'sub', 'email', 'name', 'realm_access', '__proto__') }),
        (said) => {
          validateClaims({ ...other, roles }, { ...claims, ...(said as Record<string, unknown>) });
        },
      ),
    );
  });
});

describe('claimNamed', () => {
  it('finds names with dots in them, and goes step by step otherwise', () => {
    expect(claimNamed({ 'https://example.org/roles': ['a'] }, 'https://example.org/roles')).toEqual(['a']);
    expect(claimNamed({ a: { b: { c: 1 } } }, 'a.b.c')).toBe(1);
    expect(claimNamed({ a: { b: 1 } }, 'a.b.c')).toBeUndefined();
    expect(claimNamed({}, 'constructor.name')).toBeUndefined();
    expect(claimNamed({ a: [1] }, 'a.length')).toBeUndefined();
  });
});
