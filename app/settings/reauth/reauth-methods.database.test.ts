import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { signInWithSso } from '#lib/identity/sso/sign-in.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { setEnvironment } from '#lib/testing/environment.ts';
import { createOidcProfile } from '#lib/testing/oidc-profiles.ts';
import { createTestUser, IP_ADDRESS, setUpPasskey, setUpTotp } from '#lib/testing/test-users.ts';
import { readReauthMethods } from './reauth-methods.ts';

const CLIENT = { OIDC_CLIENT_ID: 'stagedoor', OIDC_CLIENT_SECRET: 'secret' };
const NO_METHODS = { hasPassword: true, password: false, totp: false, passkey: false, provider: null };

let db: TestDatabase;
let user: CurrentUser;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  user = await createTestUser(db.database);
});

const readMethods = async () => {
  const { userId: _, ...methods } = await readReauthMethods(db.database, user);
  return methods;
};

describe('readReauthMethods', () => {
  it('offers the password only to a user without a second factor', async () => {
    expect(await readMethods()).toEqual({ ...NO_METHODS, password: true });
    await setUpTotp(db.database, user);
    expect(await readMethods()).toEqual({ ...NO_METHODS, totp: true });
    await setUpPasskey(db.database, user);
    expect(await readMethods()).toEqual({ ...NO_METHODS, totp: true, passkey: true });
  });

  it('offers only the passkey to a user without an authenticator app', async () => {
    await setUpPasskey(db.database, user);
    expect(await readMethods()).toEqual({ ...NO_METHODS, passkey: true });
  });
});

/** Signs the user in at the provider, which links their account there. */
const signInAt = (issuer: string) =>
  signInWithSso(db.database, {
    profile: createOidcProfile({ email: user.email, issuerAndSubject: `${issuer} ${user.userId}` }),
    client: { ipAddress: IP_ADDRESS },
  });

describe('readReauthMethods with Google', () => {
  setEnvironment({ ...CLIENT, OIDC_GOOGLE_DOMAIN: 'example.org' });

  it('offers Google only to a user without a second factor', async () => {
    await signInAt('https://accounts.google.com');
    expect(await readMethods()).toEqual({ ...NO_METHODS, password: true, provider: 'Google' });
    await setUpTotp(db.database, user);
    expect(await readMethods()).toEqual({ ...NO_METHODS, totp: true });
    await db.pool.query('update users set password_hash = null where id = $1', [user.userId]);
    expect(await readMethods()).toEqual({ ...NO_METHODS, hasPassword: false, totp: true });
  });
});

describe('readReauthMethods without local authentication', () => {
  setEnvironment({
    ...CLIENT,
    OIDC_ISSUER: 'https://id.example.org',
    OIDC_NAME: 'Northwind',
    PASSWORD_SIGN_IN: '0',
  });

  it('offers only the provider to a user with a password', async () => {
    await signInAt('https://id.example.org');
    expect(await readMethods()).toEqual({ ...NO_METHODS, hasPassword: false, provider: 'Northwind' });
  });
});

describe('readReauthMethods with a provider that authenticates users again', () => {
  setEnvironment({ ...CLIENT, OIDC_ISSUER: 'https://id.example.org', OIDC_NAME: 'Northwind' });

  it('offers the provider to a user with a second factor, too', async () => {
    await signInAt('https://id.example.org');
    await setUpTotp(db.database, user);
    expect(await readMethods()).toEqual({ ...NO_METHODS, totp: true, provider: 'Northwind' });
  });
});
