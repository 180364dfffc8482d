import { and, eq, sql } from 'drizzle-orm';
import { parse } from 'uuid';
import type { Database } from '#db/client.ts';
import { passkeys } from '#db/schema/factors.ts';
import { consumeChallenge, storeChallenge } from './passkey-challenges.ts';
import { type RequestOptions, readAssertion, requestOptions } from './passkeys.ts';
import type { Assertion, Signed } from './schema.ts';
import type { Take } from './take.ts';

type Asked = { purpose: 'sign_in' | 'prove'; userId: string | null };

/** Asks for a signature: of one of this person's passkeys, or of anybody's where nobody is known yet. */
export async function askForPasskey(
  database: Database,
  { purpose, userId }: Asked,
): Promise<{ challengeId: string; options: RequestOptions }> {
  const allowed = userId
    ? await database
        .select({ credentialId: passkeys.credentialId, transports: passkeys.transports })
        .from(passkeys)
        .where(eq(passkeys.userId, userId))
    : [];
  const options = await requestOptions(allowed);
  const { challenge } = options;
  return { challengeId: await storeChallenge(database, { purpose, userId, challenge }), options };
}

/** An authenticator that found the passkey by itself says whose it is; one that was told which one need not. */
function isOwner({ userHandle }: Assertion['response'], userId: string): boolean {
  return userHandle === undefined || userHandle === Buffer.from(parse(userId)).toString('base64url');
}

type Found = { userId: string; take: Take };

async function findSigner(
  database: Database,
  challenge: string,
  userId: string | null,
  response: Assertion,
): Promise<Found | null> {
  const [passkey] = await database
    .select()
    .from(passkeys)
    .where(
      and(eq(passkeys.credentialId, response.id), userId === null ? undefined : eq(passkeys.userId, userId)),
    );
  if (!passkey || !isOwner(response.response, passkey.userId)) return null;
  const signed = await readAssertion(response, challenge, passkey);
  if (!signed) return null;
  const asSeen = and(
    eq(passkeys.id, passkey.id),
    eq(passkeys.userId, passkey.userId),
    eq(passkeys.counter, passkey.counter),
  );
  const take: Take = async (transaction) => {
    const taken = await transaction
      .update(passkeys)
      .set({ ...signed, lastUsedAt: sql`now()` })
      .where(asSeen)
      .returning({ id: passkeys.id });
    return taken.length > 0;
  };
  return { userId: passkey.userId, take };
}

/**
 * Checks what an authenticator has signed: with a passkey of this person, or, where nobody is known yet, of whomever
 * it belongs to. The challenge is spent first.
 * @returns `found`: null where it is not right; `spent`: whether there was such a challenge at all, which anybody can
 *   make up
 */
export async function checkPasskey(
  database: Database,
  { purpose, userId }: Asked,
  { challengeId, response }: Signed,
): Promise<{ spent: boolean; found: Found | null }> {
  const challenge = await consumeChallenge(database, { id: challengeId, purpose, userId });
  if (!challenge) return { spent: false, found: null };
  return { spent: true, found: await findSigner(database, challenge, userId, response) };
}
