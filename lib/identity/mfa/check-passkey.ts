import { and, eq, sql } from 'drizzle-orm';
import { parse } from 'uuid';
import type { Database } from '#db/client.ts';
import { passkeys } from '#db/schema/factors.ts';
import type { ConsumeFactor } from './check-totp.ts';
import { consumeChallenge, storeChallenge } from './passkey-challenges.ts';
import { generateRequestOptions, type RequestOptions, verifyAssertion } from './passkeys.ts';
import type { Assertion, SignedAssertion } from './schema.ts';

/** `userId`: null if the user is not known yet. */
type ChallengeOwner = { purpose: 'sign_in' | 'reauthenticate'; userId: string | null };

/**
 * Creates a challenge, and the options with which the browser asks for an assertion by one of this user's passkeys, or by
 * any passkey if the user is not known yet.
 */
export async function requestPasskeyAssertion(
  database: Database,
  { purpose, userId }: ChallengeOwner,
): Promise<{ challengeId: string; options: RequestOptions }> {
  const allowed = userId
    ? await database
        .select({ credentialId: passkeys.credentialId, transports: passkeys.transports })
        .from(passkeys)
        .where(eq(passkeys.userId, userId))
    : [];
  const options = await generateRequestOptions(allowed);
  const { challenge } = options;
  return { challengeId: await storeChallenge(database, { purpose, userId, challenge }), options };
}

/**
 * Returns whether the user handle is missing or this user's. Authenticators may omit it if `allowCredentials` was set.
 */
function isOwner({ userHandle }: Assertion['response'], userId: string): boolean {
  return userHandle === undefined || userHandle === Buffer.from(parse(userId)).toString('base64url');
}

type VerifiedPasskey = { userId: string; consumeFactor: ConsumeFactor };

async function findAndVerifyPasskey(
  database: Database,
  challenge: string,
  userId: string | null,
  response: Assertion,
): Promise<VerifiedPasskey | null> {
  const [passkey] = await database
    .select()
    .from(passkeys)
    .where(
      and(eq(passkeys.credentialId, response.id), userId === null ? undefined : eq(passkeys.userId, userId)),
    );
  if (!passkey || !isOwner(response.response, passkey.userId)) return null;
  const verified = await verifyAssertion(response, challenge, passkey);
  if (!verified) return null;
  const isUnchanged = and(
    eq(passkeys.id, passkey.id),
    eq(passkeys.userId, passkey.userId),
    eq(passkeys.counter, passkey.counter),
  );
  const consumeFactor: ConsumeFactor = async (transaction) => {
    const updated = await transaction
      .update(passkeys)
      .set({ ...verified, lastUsedAt: sql`now()` })
      .where(isUnchanged)
      .returning({ id: passkeys.id });
    return updated.length > 0;
  };
  return { userId: passkey.userId, consumeFactor };
}

/**
 * Checks an assertion by a passkey of this user, or by any passkey if the user is not known yet. Consumes the challenge
 * first.
 * @returns `found`: null if the assertion is not valid; `wasChallengeConsumed`: false if the challenge is unknown, used
 *   or expired, or belongs to another user or purpose
 */
export async function checkPasskey(
  database: Database,
  { purpose, userId }: ChallengeOwner,
  { challengeId, response }: SignedAssertion,
): Promise<{ wasChallengeConsumed: boolean; found: VerifiedPasskey | null }> {
  const challenge = await consumeChallenge(database, { id: challengeId, purpose, userId });
  if (!challenge) return { wasChallengeConsumed: false, found: null };
  return {
    wasChallengeConsumed: true,
    found: await findAndVerifyPasskey(database, challenge, userId, response),
  };
}
