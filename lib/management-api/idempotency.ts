import { and, eq, lt, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database, Queryable, Transaction } from '#db/client.ts';
import { idempotentRequests } from '#db/schema/idempotent-requests.ts';
import { withSharedTransaction } from '#db/with-transaction.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { deriveKey, sign } from '#lib/platform/signed-tokens/derive-key.ts';
import { decrypt, encrypt } from '#lib/platform/signed-tokens/encrypt.ts';
import { type ApiRefusal, refuse } from './problems.ts';

/** A response as it is stored and sent: every repetition is the same, byte for byte. */
export type StoredResponse = { status: number; headers: Record<string, string>; body: string | null };

const storedResponseSchema: z.ZodType<StoredResponse> = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string().nullable(),
});

export type IdempotentRequest = {
  accessTokenId: string;
  /** The header `Authorization`. The response can only be read with it. */
  authorization: string;
  key: string;
  method: string;
  path: string;
  body: Buffer;
};

/** How long a response is kept. */
export const IDEMPOTENCY_HOURS = 24;

/** Matches requests whose responses are kept no longer. */
const isExpired = lt(idempotentRequests.createdAt, sql`now() - make_interval(hours => ${IDEMPOTENCY_HOURS})`);

/** MACs instead of digests, because the contents of a request could be guessed from a digest. */
function computeDigests({ accessTokenId, key, method, path, body }: IdempotentRequest) {
  const { authSecret } = settings();
  return {
    accessTokenId,
    keyDigest: sign('idempotency key', authSecret, Buffer.from(key)),
    requestDigest: sign(
      'idempotent request',
      authSecret,
      Buffer.concat([Buffer.from(`${method} ${path}\n`), body]),
    ),
  };
}

type Digests = ReturnType<typeof computeDigests>;

/** Derives the key that encrypts the response. It needs the access token, so the database and AUTH_SECRET are not enough. */
const deriveSealingKey = ({ authorization, key }: IdempotentRequest) =>
  deriveKey(`${settings().authSecret} ${authorization} ${key}`, 'stagedoor idempotent response v1');

const matches = ({ accessTokenId, keyDigest }: Digests) =>
  and(eq(idempotentRequests.accessTokenId, accessTokenId), eq(idempotentRequests.keyDigest, keyDigest));

/**
 * Inserts the request, and so locks its key for the rest of the transaction. Waits for a concurrent request with the key.
 * @returns whether this is the first request with the key
 */
async function claimKey(transaction: Transaction, digests: Digests): Promise<boolean> {
  const values = { ...digests, response: Buffer.alloc(0) };
  const claimed = await transaction
    .insert(idempotentRequests)
    .values(values)
    .onConflictDoUpdate({
      target: [idempotentRequests.accessTokenId, idempotentRequests.keyDigest],
      set: { ...values, createdAt: sql`now()` },
      setWhere: isExpired,
    })
    .returning({ accessTokenId: idempotentRequests.accessTokenId });
  return claimed.length > 0;
}

/** Reads the response to the first request with the key. */
async function repeatResponse(
  transaction: Transaction,
  request: IdempotentRequest,
  digests: Digests,
): Promise<{ ok: true; response: StoredResponse } | ApiRefusal> {
  const [row] = await transaction
    .select({ requestDigest: idempotentRequests.requestDigest, response: idempotentRequests.response })
    .from(idempotentRequests)
    .where(matches(digests));
  if (!row?.requestDigest.equals(digests.requestDigest)) return refuse('idempotency_key_reused');
  const json = decrypt(deriveSealingKey(request), row.response, digests.keyDigest);
  // Only another spelling of the header `Authorization` has another key.
  if (!json) return refuse('idempotency_key_reused');
  const { headers, ...response } = storedResponseSchema.parse(JSON.parse(json.toString()));
  return { ok: true, response: { ...response, headers: { ...headers, 'Idempotent-Replayed': 'true' } } };
}

/**
 * Carries out a request once, and responds to its repetitions with the same response for 24 hours. The response commits
 * with the changes of the request. Concurrent repetitions wait for the first one. A refused request is not stored: it has
 * changed nothing, so the key can be used again.
 * @param run carries out the request with the database that it gets
 */
export async function runOnce(
  database: Database,
  request: IdempotentRequest,
  run: (database: Database) => Promise<{ ok: true; response: StoredResponse } | ApiRefusal>,
): Promise<{ ok: true; response: StoredResponse } | ApiRefusal> {
  const digests = computeDigests(request);
  // Repetitions may wait on all connections of the pool, so the first request must not need another one.
  await getQueue(database.$client);
  return withSharedTransaction(database, async (shared, transaction) => {
    if (!(await claimKey(transaction, digests))) return repeatResponse(transaction, request, digests);
    const result = await run(shared);
    if (result.ok) {
      const json = Buffer.from(JSON.stringify(result.response));
      const response = encrypt(deriveSealingKey(request), json, digests.keyDigest);
      await transaction.update(idempotentRequests).set({ response }).where(matches(digests));
    } else await transaction.delete(idempotentRequests).where(matches(digests));
    return result;
  });
}

/** Deletes the requests whose responses are kept no longer. */
export async function deleteExpiredResponses(database: Queryable): Promise<void> {
  await database.delete(idempotentRequests).where(isExpired);
}
