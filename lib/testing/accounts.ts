import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import { createApiAccount } from '#lib/api-accounts/create.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { deriveCode } from '#lib/key-delivery/reveal/code.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import { type Administrator, brandAdministrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createLinkToken } from '#lib/platform/signed-tokens/link-token.ts';

/** Creates a Settings Administrator with a session and recent authentication, in a test's own database. */
export async function createTestAdministrator(
  database: Database,
  name = 'Ada Minister',
): Promise<Administrator> {
  const userId = uuidv7();
  const sessionId = uuidv7();
  const email = `${userId}@example.com`;
  const role = 'settings_administrator';
  await database
    .insert(users)
    .values({ id: userId, email, emailFolded: email, name, passwordHash: 'none', role });
  await database.insert(sessions).values({ id: sessionId, userId });
  const administrator = brandAdministrator({
    userId,
    sessionId,
    name,
    email,
    role,
    ipAddress: '192.0.2.7',
    hasRecentAuth: true,
    isMfaSetupRequired: false,
  });
  if (!administrator) throw new Error('no administrator');
  return administrator;
}

let accountCount = 0;

/** Creates an account, and so starts a key delivery: its reveal is open. */
export async function createTestAccount(
  database: Database,
  administrator: Administrator,
  fields: Partial<{ username: string; email: string; phone: string }> = {},
): Promise<AccountSummary> {
  accountCount += 1;
  const input = {
    username: `Company ${accountCount}`,
    email: 'it@example.com',
    phone: '+447894123456',
    ...fields,
  };
  const result = await createApiAccount(database, administrator, input);
  if (!result.ok) throw new Error(JSON.stringify(result));
  const account = await readSummary(database, result.account.id);
  if (!account) throw new Error('the account was not found');
  return account;
}

/** Reads an account's current reveal, with the token and the code that its messages carry. */
export async function readCurrentReveal(database: Database, accountId: string) {
  const [row] = await database
    .select({ reveal: reveals, keyDigest: apiAccounts.keyDigest })
    .from(apiAccounts)
    .innerJoin(reveals, eq(reveals.id, apiAccounts.revealId))
    .where(eq(apiAccounts.id, accountId));
  if (!row) throw new Error('no reveal');
  const { authSecret } = settings();
  return {
    ...row.reveal,
    keyDigest: row.keyDigest,
    token: createLinkToken('reveal', row.reveal.id, authSecret),
    code: deriveCode(row.reveal.id, row.reveal.codeGeneration, authSecret),
  };
}

/** Returns a code that differs from this one. Different offsets result in different codes. */
export function makeWrongCode(code: string, offset = 1): string {
  return String((Number(code) + offset) % 1_000_000).padStart(6, '0');
}

/** Collects an account's key, as its integrator would. */
export async function revealKey(database: Database, accountId: string): Promise<string> {
  const { token, code } = await readCurrentReveal(database, accountId);
  const result = await submitCode(database, { token, code });
  if (!result.ok) throw new Error(result.reason);
  return result.key;
}

/**
 * Simulates the passage of time by moving the account's current reveal, its expiry and the end of its previous key into
 * the past.
 * @param interval in PostgreSQL's syntax
 */
export async function letTimePass(database: Database, accountId: string, interval: string): Promise<void> {
  await database.$client.query(
    `update reveals set created_at = created_at - $2::interval, expires_at = expires_at - $2::interval,
       code_issued_at = code_issued_at - $2::interval, code_expires_at = code_expires_at - $2::interval,
       email_queued_at = email_queued_at - $2::interval
     where id = (select reveal_id from api_accounts where id = $1)`,
    [accountId, interval],
  );
  await database.$client.query(
    `update sealed_keys set expires_at = expires_at - $2::interval
     where reveal_id = (select reveal_id from api_accounts where id = $1)`,
    [accountId, interval],
  );
  await database.$client.query(
    `update api_accounts set previous_key_expires_at = previous_key_expires_at - $2::interval,
       expires_at = expires_at - $2::interval where id = $1`,
    [accountId, interval],
  );
}
