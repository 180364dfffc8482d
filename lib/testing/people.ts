import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { addPasskey, startPasskey } from '#lib/identity/mfa/add-passkey.ts';
import { confirmTotp, startTotp } from '#lib/identity/mfa/set-up-totp.ts';
import { totpCode } from '#lib/identity/mfa/totp.ts';
import { openTotpSecret } from '#lib/identity/mfa/totp-secret.ts';
import { hashPassword } from '#lib/identity/passwords/hash.ts';
import { standsAlone } from '#lib/identity/passwords/schema.ts';
import { startSession } from '#lib/identity/sessions/start-session.ts';
import { rememberSignIn } from '#lib/identity/sign-in/rate-limits.ts';
import { insertUser } from '#lib/identity/users/create.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { SoftAuthenticator } from './authenticator.ts';

export const PASSWORD = 'correct horse battery staple';
export const ADDRESS = '192.0.2.9';

let hashed: Promise<string> | undefined;

/** Inserts a user who has just signed in with `PASSWORD` at `ADDRESS`. Hashes the password once for all of them. */
export async function testPerson(database: Database): Promise<CurrentUser> {
  const email = `${uuidv7()}@example.com`;
  const role = 'settings_administrator';
  hashed ??= hashPassword(PASSWORD);
  const user = await insertUser(database, {
    email,
    name: 'Grace Hopper',
    role,
    passwordHash: await hashed,
    passwordStandsAlone: standsAlone(PASSWORD),
  });
  if (!user.ok) throw new Error(user.reason);
  const sessionId = await withTransaction(database, (transaction) =>
    startSession(transaction, user.id, 'password', { address: ADDRESS }),
  );
  await rememberSignIn(database.$client, { email, address: ADDRESS });
  return {
    userId: user.id,
    sessionId,
    name: 'Grace Hopper',
    email,
    role,
    address: ADDRESS,
    hasRecentAuth: true,
    mfaSetupRequired: false,
  };
}

/** The code that a person's app shows now, by the database's clock; `steps` of 30 seconds away. */
export async function codeNow(database: Database, userId: string, steps = 0): Promise<string> {
  const { rows } = await database.$client.query<{ secret: Buffer; step: string }>(
    'select totp_secret as secret, floor(extract(epoch from now()) / 30) as step from users where id = $1',
    [userId],
  );
  const [row] = rows;
  const secret = row && openTotpSecret(userId, row.secret);
  if (!secret) throw new Error('no authenticator app');
  return totpCode(secret, Number(row.step) + steps);
}

/** Forgets which code was taken last: as if half a minute had passed. */
export async function forgetLastStep(database: Database, userId: string): Promise<void> {
  await database.$client.query('update users set totp_last_step = null where id = $1', [userId]);
}

/** Sets an authenticator app up for a person. Gives the recovery codes that came with it. */
export async function withTotp(database: Database, person: CurrentUser): Promise<string[] | null> {
  await startTotp(database, person);
  const confirmed = await confirmTotp(database, person, { code: await codeNow(database, person.userId) });
  if (!confirmed.ok) throw new Error(confirmed.reason);
  await forgetLastStep(database, person.userId);
  return confirmed.recoveryCodes;
}

/** Makes a passkey for a person. */
export async function withPasskey(database: Database, person: CurrentUser, name = 'A phone') {
  const authenticator = new SoftAuthenticator();
  const started = await startPasskey(database, person);
  if (!started.ok) throw new Error(started.reason);
  const response = authenticator.register(started.options);
  const added = await addPasskey(database, person, { challengeId: started.challengeId, response, name });
  if (!added.ok) throw new Error(added.reason);
  return { authenticator, recoveryCodes: added.recoveryCodes };
}
