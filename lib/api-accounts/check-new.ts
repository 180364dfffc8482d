import { eq } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { validatePhone } from '#lib/notifications/sms/policy.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { foldUsername } from '#lib/platform/user-input/name.ts';
import type { CheckedFields, FieldErrors } from './schema.ts';

export type NewAccountErrors = FieldErrors<'username' | 'phone'>;

/** Describes that another account has this username. */
export const describeTaken = (username: string) => `“${username}” is already taken. Choose another username.`;

async function isTaken(database: Queryable, username: string): Promise<boolean> {
  const [row] = await database
    .select({ id: apiAccounts.id })
    .from(apiAccounts)
    .where(eq(apiAccounts.usernameFolded, foldUsername(username)));
  return row !== undefined;
}

/**
 * Checks what the schema of a new account cannot: whether its username is taken, and its phone number. Reports the errors
 * of both fields together. The insert checks the username again.
 * @param input fields that the schema accepts; a missing one is not checked
 * @returns the errors, and the number in E.164 if it is valid
 */
export async function checkNewAccount(
  database: Queryable,
  _administrator: Administrator,
  { username, phone }: CheckedFields,
): Promise<{ fieldErrors: NewAccountErrors; phone: string | null }> {
  const fieldErrors: NewAccountErrors = {};
  const validated = phone === undefined ? null : await validatePhone(database, phone);
  if (validated && !validated.ok) fieldErrors.phone = validated.message;
  if (username !== undefined && (await isTaken(database, username)))
    fieldErrors.username = describeTaken(username);
  return { fieldErrors, phone: validated?.ok ? validated.phone : null };
}
