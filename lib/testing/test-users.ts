import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { addPasskey, beginPasskeyRegistration } from '#lib/identity/mfa/add-passkey.ts';
import { confirmTotp, startTotp } from '#lib/identity/mfa/set-up-totp.ts';
import { generateTotpCode } from '#lib/identity/mfa/totp.ts';
import { decryptTotpSecret } from '#lib/identity/mfa/totp-secret.ts';
import { hashPassword } from '#lib/identity/passwords/hash.ts';
import { allowsSingleFactor } from '#lib/identity/passwords/schema.ts';
import { startSession } from '#lib/identity/sessions/start-session.ts';
import { rememberSignIn } from '#lib/identity/sign-in/rate-limits.ts';
import { insertUser } from '#lib/identity/users/create.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { SoftAuthenticator } from './authenticator.ts';

export const PASSWORD = 'correct horse battery staple';
export const IP_ADDRESS = '192.0.2.9';

/** The hash of `PASSWORD`, which is computed once, because hashing is slow. */
let passwordHash: Promise<string> | undefined;

/** Inserts an administrator who has just signed in with `PASSWORD` from `IP_ADDRESS`. */
export async function createTestUser(database: Database): Promise<CurrentUser> {
  const email = `${uuidv7()}@example.com`;
  const role = 'settings_administrator';
  passwordHash ??= hashPassword(PASSWORD);
  const user = await insertUser(database, {
    email,
    name: 'Grace Hopper',
    role,
    passwordHash: await passwordHash,
    passwordAllowsSingleFactor: allowsSingleFactor(PASSWORD),
  });
  if (!user.ok) throw new Error(user.reason);
  const sessionId = await withTransaction(database, (transaction) =>
    startSession(transaction, user.id, 'password', { ipAddress: IP_ADDRESS }),
  );
  await rememberSignIn(database.$client, { email, ipAddress: IP_ADDRESS });
  return {
    userId: user.id,
    sessionId,
    name: 'Grace Hopper',
    email,
    role,
    ipAddress: IP_ADDRESS,
    hasRecentAuth: true,
    isMfaSetupRequired: false,
  };
}

/**
 * Computes a user's TOTP code by the database's clock.
 * @param steps how many 30-second steps after the current one; negative for earlier codes
 */
export async function computeTotpCode(database: Database, userId: string, steps = 0): Promise<string> {
  const { rows } = await database.$client.query<{ secret: Buffer; step: string }>(
    'select totp_secret as secret, floor(extract(epoch from now()) / 30) as step from users where id = $1',
    [userId],
  );
  const [row] = rows;
  const secret = row && decryptTotpSecret(userId, row.secret);
  if (!secret) throw new Error('no authenticator app');
  return generateTotpCode(secret, Number(row.step) + steps);
}

/** Clears the last accepted TOTP step, so that the current code can be used again. */
export async function clearLastTotpStep(database: Database, userId: string): Promise<void> {
  await database.$client.query('update users set totp_last_step = null where id = $1', [userId]);
}

/** Sets up an authenticator app for a user. Returns the recovery codes if this is the user's first factor. */
export async function setUpTotp(database: Database, user: CurrentUser): Promise<string[] | null> {
  await startTotp(database, user);
  const confirmed = await confirmTotp(database, user, { code: await computeTotpCode(database, user.userId) });
  if (!confirmed.ok) throw new Error(confirmed.reason);
  await clearLastTotpStep(database, user.userId);
  return confirmed.recoveryCodes;
}

/** Adds a passkey for a user, on a new software authenticator. */
export async function setUpPasskey(database: Database, user: CurrentUser, name = 'A phone') {
  const authenticator = new SoftAuthenticator();
  const started = await beginPasskeyRegistration(database, user);
  if (!started.ok) throw new Error(started.reason);
  const response = authenticator.register(started.options);
  const added = await addPasskey(database, user, { challengeId: started.challengeId, response, name });
  if (!added.ok) throw new Error(added.reason);
  return { authenticator, recoveryCodes: added.recoveryCodes };
}
