import { eq, gt, isNull, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { reveals } from '#db/schema/reveals.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { dropQueuedMessages } from '#lib/notifications/delivery/queued-message.ts';
import type { Administrator, ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';
import { deriveCode } from './code.ts';
import { lockAccount, matchesOpenReveal } from './current-reveal.ts';
import { CODE_MINUTES, READ_OUTS_PER_HOUR, RETRY_SECONDS } from './limits.ts';
import type { ReadOutRequest, ReadOutResult } from './schema.ts';

const HOUR = 60 * 60;

const issuedColumns = {
  generation: reveals.codeGeneration,
  expiresAt: reveals.codeExpiresAt,
  now: sql`now()`.mapWith(reveals.codeExpiresAt),
};
type IssuedCode = { generation: number; expiresAt: Date; now: Date };

/** Issues the next code, if none of this reveal was read out yet. It invalidates the previous code. */
async function issueCode(
  transaction: Transaction,
  { revealId, requestId }: ReadOutRequest,
): Promise<IssuedCode | undefined> {
  const nextGeneration = sql`${reveals.codeGeneration} + 1`;
  const [issued] = await transaction
    .update(reveals)
    .set({
      codeGeneration: nextGeneration,
      readOutGeneration: nextGeneration,
      readOutRequest: requestId,
      codeAttempts: 0,
      codeIssuedAt: sql`now()`,
      codeExpiresAt: sql`now() + make_interval(mins => ${CODE_MINUTES})`,
    })
    .where(matchesOpenReveal(revealId, isNull(reveals.readOutGeneration)))
    .returning(issuedColumns);
  return issued;
}

/** Finds the code that this request has got before, if it is still the current one. */
async function findIssuedCode(
  transaction: Transaction,
  { revealId, requestId }: ReadOutRequest,
): Promise<IssuedCode | undefined> {
  const [issued] = await transaction
    .select(issuedColumns)
    .from(reveals)
    .where(
      matchesOpenReveal(
        revealId,
        eq(reveals.readOutRequest, requestId),
        eq(reveals.readOutGeneration, reveals.codeGeneration),
        gt(reveals.codeIssuedAt, sql`now() - make_interval(secs => ${RETRY_SECONDS})`),
      ),
    );
  return issued;
}

async function explainRefusal(transaction: Transaction, revealId: string): Promise<ReadOutResult> {
  const openReveals = await transaction
    .select({ id: reveals.id })
    .from(reveals)
    .where(matchesOpenReveal(revealId));
  return { ok: false, reason: openReveals.length > 0 ? 'already_read_out' : 'not_in_progress' };
}

/**
 * Issues a code for an administrator to read out by phone, instead of an SMS, and returns it: once per reveal. It
 * invalidates the previous code, and has the lifetime and the attempts of a code in an SMS. Attempts on the link are not
 * reset. Queued SMS are dropped. For two minutes, the same request gets the same code again, because its response may
 * have been lost. Requires recent authentication.
 *
 * Of several concurrent requests, only one gets a code.
 * @param readOutsPerHour limits what an attacker in an administrator's browser can do while the authentication is recent
 */
export async function readOutCode(
  database: Database,
  administrator: Administrator,
  input: ReadOutRequest,
  readOutsPerHour = READ_OUTS_PER_HOUR,
): Promise<ReadOutResult | ReauthenticationRequired> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const { userId, ipAddress } = administrator;
  const limit = { name: 'code-read-out', points: readOutsPerHour, seconds: HOUR };
  const rateLimit = await createRateLimiter(database.$client, limit).consume(userId);
  if (!rateLimit.ok) return { ...rateLimit, reason: 'rate_limited' };
  const { id: accountId, revealId } = input;
  return withTransaction(database, async (transaction): Promise<ReadOutResult> => {
    const currentId = await lockAccount(transaction, accountId);
    if (!currentId) return { ok: false, reason: 'not_in_progress' };
    if (currentId !== revealId) return { ok: false, reason: 'replaced' };
    const newCode = await issueCode(transaction, input);
    const code = newCode ?? (await findIssuedCode(transaction, input));
    if (!code) return explainRefusal(transaction, revealId);
    if (newCode) await dropQueuedMessages(transaction, revealId, 'code', code.generation);
    const action = newCode ? 'reveal.code_read_out' : 'reveal.code_read_out_again';
    recordAuditEvent(transaction, action, { userId, accountId, ipAddress, details: { revealId } });
    return {
      ok: true,
      code: deriveCode(revealId, code.generation, settings().authSecret),
      expiresAt: code.expiresAt.toISOString(),
      now: code.now.toISOString(),
    };
  });
}
