import { eq } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { validatePhone } from '#lib/notifications/sms/policy.ts';
import type { Actor } from '#lib/platform/authorization/actor.ts';
import { foldUsername } from '#lib/platform/user-input/name.ts';
import { readReservationEnd } from './deleted.ts';
import { parseNetworks } from './parse-networks.ts';
import type { CheckedFields, FieldErrors } from './schema.ts';

export type NewAccountErrors = FieldErrors<'username' | 'phone' | 'allowedNetworks'>;

type CheckResult = {
  fieldErrors: NewAccountErrors;
  /** In E.164; null if it is not accepted or missing. */
  phone: string | null;
  /** Whether the phone number is accepted only because it was confirmed. */
  wasPhoneConfirmed: boolean;
  /** Canonical; null means anywhere, also if one is not accepted. */
  allowedNetworks: string[] | null;
};

/**
 * Describes in a field error why a username cannot be used.
 * @param reservedUntil if a deleted account had the username, when it can be used again
 */
export function describeUnavailable(username: string, reservedUntil: Date | null): string {
  if (!reservedUntil) return `“${username}” is already taken. Choose another username.`;
  const day = reservedUntil.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' });
  return `An account with this username was deleted. You can use it again after ${day}. Choose another username.`;
}

/** Finds out why a username cannot be used; returns undefined if it can. */
async function findUsernameError(database: Queryable, username: string): Promise<string | undefined> {
  const usernameFolded = foldUsername(username);
  const [row] = await database
    .select({ id: apiAccounts.id })
    .from(apiAccounts)
    .where(eq(apiAccounts.usernameFolded, usernameFolded));
  if (row) return describeUnavailable(username, null);
  const reservedUntil = await readReservationEnd(database, usernameFolded);
  return reservedUntil ? describeUnavailable(username, reservedUntil) : undefined;
}

/**
 * Checks what the schema of a new account cannot: whether its username is taken or reserved, its phone number and its
 * networks. Reports the errors of all fields together. The insert checks the username again.
 * @param input fields that the schema accepts; a missing one is not checked
 */
export async function checkNewAccount(
  database: Queryable,
  _actor: Actor<'accounts:write'>,
  { username, phone, isPhoneConfirmed: isConfirmed, allowedNetworks }: CheckedFields,
): Promise<CheckResult> {
  const fieldErrors: NewAccountErrors = {};
  const validated = phone === undefined ? null : await validatePhone(database, { phone, isConfirmed });
  if (validated && !validated.ok) fieldErrors.phone = validated.message;
  const usernameError = username === undefined ? undefined : await findUsernameError(database, username);
  if (usernameError) fieldErrors.username = usernameError;
  const networks = parseNetworks(allowedNetworks);
  if (networks.message) fieldErrors.allowedNetworks = networks.message;
  return {
    fieldErrors,
    phone: validated?.ok ? validated.phone : null,
    wasPhoneConfirmed: validated?.ok === true && validated.wasConfirmed,
    allowedNetworks: networks.value ?? null,
  };
}
