import { and, eq, gt, gte, isNull, lt, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { ATTEMPTS_PER_LINK } from '#lib/account-state/limits.ts';
import { digestKey, generateKey } from '#lib/api-keys/api-key.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { endPreviousKey } from '#lib/key-delivery/previous-key.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { readLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { recordWebhookEvent } from '#lib/webhook-events/record.ts';
import { codesMatch, deriveCode } from './code.ts';
import { ATTEMPTS_PER_CODE } from './limits.ts';
import { recordInteraction } from './open.ts';
import { readReveal } from './read.ts';
import type { RevealView } from './schema.ts';
import { repeatKey, storeSealedKey } from './sealed-key.ts';

export type SubmitCodeResult =
  | { ok: true; username: string; key: string }
  /** `replaced_code`: the right code, but of an earlier text message of this link. */
  | {
      ok: false;
      reason: 'malformed' | 'wrong_code' | 'replaced_code' | 'code_expired' | 'too_many_attempts';
      view: RevealView;
    }
  | { ok: false; reason: 'used'; usedAt: string }
  | { ok: false; reason: 'invalid_link' };

/** A reveal whose code was compared, with the generation of that code. */
type Claim = {
  revealId: string;
  accountId: string;
  codeGeneration: number;
  ipAddress: string | null;
  /** If set, the browser that has it can fetch the key again for two minutes. */
  retrySecret?: string | null | undefined;
};
type Attempt = { accountId: string; codeGeneration: number; linkAttempts: number };

/**
 * Consumes an attempt if one is left and neither the link nor its code has expired.
 * A single statement, committed before the code is compared, so that concurrent guesses cannot exceed the limit
 * (OWASP ASVS 5.0, 6.6.3).
 */
async function consumeAttempt(database: Database, revealId: string): Promise<Attempt | undefined> {
  const [attempt] = await database
    .update(reveals)
    .set({ codeAttempts: sql`${reveals.codeAttempts} + 1`, linkAttempts: sql`${reveals.linkAttempts} + 1` })
    .where(
      and(
        eq(reveals.id, revealId),
        isNull(reveals.endedAt),
        gt(reveals.expiresAt, sql`now()`),
        gt(reveals.codeExpiresAt, sql`now()`),
        lt(reveals.codeAttempts, ATTEMPTS_PER_CODE),
        lt(reveals.linkAttempts, ATTEMPTS_PER_LINK),
      ),
    )
    .returning({
      accountId: reveals.accountId,
      codeGeneration: reveals.codeGeneration,
      linkAttempts: reveals.linkAttempts,
    });
  return attempt;
}

/** Records a wrong code, and locks the reveal after its link's last attempt. */
async function recordWrongCode(
  database: Database,
  revealId: string,
  attempt: Attempt,
  ipAddress: string | null,
): Promise<void> {
  const event = {
    userId: null,
    accountId: attempt.accountId,
    ipAddress,
    outcome: 'refused' as const,
    details: { revealId, linkAttempts: attempt.linkAttempts },
  };
  await withTransaction(database, async (transaction) => {
    recordAuditEvent(transaction, 'reveal.wrong_code', event);
    if (attempt.linkAttempts < ATTEMPTS_PER_LINK) return;
    const lockedReveals = await transaction
      .update(reveals)
      .set({ endedAt: sql`now()`, endReason: 'locked' })
      .where(
        and(eq(reveals.id, revealId), isNull(reveals.endedAt), gte(reveals.linkAttempts, ATTEMPTS_PER_LINK)),
      )
      .returning({ id: reveals.id });
    if (lockedReveals.length === 0) return;
    recordAuditEvent(transaction, 'reveal.locked', event);
    recordWebhookEvent(transaction, { type: 'delivery.locked', account: attempt.accountId });
  });
}

type CodeProblem = 'malformed' | 'wrong_code' | 'replaced_code';
type Submission = { revealId: string; ipAddress: string | null; retrySecret?: string | null | undefined };

/**
 * Reads why no key was shown. A malformed code is reported as such, even if the code to enter has expired.
 * If the link is used, the browser that used it gets the key again: its first response may have been lost.
 */
async function explainRefusal(
  database: Database,
  { revealId, ipAddress, retrySecret }: Submission,
  codeProblem: CodeProblem,
): Promise<SubmitCodeResult> {
  const reveal = await readReveal(database, revealId);
  if (reveal.state === 'used') {
    const credentials = retrySecret ? await repeatKey(database, { revealId, ipAddress, retrySecret }) : null;
    return credentials ? { ok: true, ...credentials } : { ok: false, reason: 'used', usedAt: reveal.usedAt };
  }
  if (reveal.state === 'invalid_link') return { ok: false, reason: 'invalid_link' };
  if (codeProblem === 'malformed') return { ok: false, reason: 'malformed', view: reveal.view };
  if (reveal.isCodeExpired) return { ok: false, reason: 'code_expired', view: reveal.view };
  if (reveal.hasTooManyAttempts) return { ok: false, reason: 'too_many_attempts', view: reveal.view };
  return { ok: false, reason: codeProblem, view: reveal.view };
}

/**
 * Returns whether a wrong code is an earlier one of the same link. The caller has consumed an attempt. Earlier codes show
 * no key, and the current code cannot be derived from them, so this helps no attacker.
 */
function isEarlierCode(code: string, revealId: string, codeGeneration: number): boolean {
  const { authSecret } = settings();
  const earlierGenerations = Array.from({ length: codeGeneration - 1 }, (_, index) => index + 1);
  return earlierGenerations.some((generation) =>
    codesMatch(code, deriveCode(revealId, generation, authSecret)),
  );
}

/** Records the interaction with the page. An error is only logged, because the integrator must still get the key. */
async function tryToRecordInteraction(
  database: Database,
  revealId: string,
  openingId: string,
): Promise<void> {
  await recordInteraction(database, { revealId, openingId }).catch((error: unknown) =>
    log.warn('reveal.interaction_not_recorded', { reason: error instanceof Error ? error.name : '' }),
  );
}

/**
 * Locks the account's row if this is its current reveal; returns undefined if it is not.
 * A transaction that locks both locks the account before the reveal, so that transactions cannot deadlock.
 */
async function lockAccount(transaction: Transaction, { accountId, revealId }: Claim) {
  const [locked] = await transaction
    .select({ previousKeyEndsOn: apiAccounts.previousKeyEndsOn })
    .from(apiAccounts)
    .where(and(eq(apiAccounts.id, accountId), eq(apiAccounts.revealId, revealId)))
    .for('update');
  return locked;
}

/** Ends the reveal as shown, if it has not ended and its code is still the one that was compared. */
async function endAsShown(transaction: Transaction, { revealId, codeGeneration }: Claim): Promise<boolean> {
  const endedReveals = await transaction
    .update(reveals)
    .set({ endedAt: sql`now()`, endReason: 'shown' })
    .where(and(eq(reveals.id, revealId), isNull(reveals.endedAt), eq(reveals.codeGeneration, codeGeneration)))
    .returning({ id: reveals.id });
  return endedReveals.length > 0;
}

/**
 * Generates the key, stores its digest and ends the reveal, in one transaction, and the previous key if it ends with the
 * collection. The caller has compared the code.
 * @returns null if the reveal has been shown, replaced or locked since then, or has a newer code
 */
export async function claimKey(
  database: Database,
  claim: Claim,
  tag: string,
): Promise<{ username: string; key: string } | null> {
  return withTransaction(database, async (transaction) => {
    const locked = await lockAccount(transaction, claim);
    if (!locked) return null;
    if (!(await endAsShown(transaction, claim))) return null;
    const key = generateKey(tag);
    const [account] = await transaction
      .update(apiAccounts)
      .set({ keyDigest: digestKey(key), keyGeneratedAt: sql`now()`, isFirstUseAwaited: true })
      .where(eq(apiAccounts.id, claim.accountId))
      .returning({ username: apiAccounts.username });
    if (!account) throw new Error('the account was not found after its row was locked');
    const { revealId, retrySecret } = claim;
    if (retrySecret) await storeSealedKey(transaction, { revealId, key, retrySecret });
    const details = { revealId };
    const { accountId, ipAddress } = claim;
    const event = { userId: null, accountId, ipAddress, details };
    recordAuditEvent(transaction, 'api_key.shown', event);
    recordWebhookEvent(transaction, { type: 'api_key.collected', account: accountId });
    if (locked.previousKeyEndsOn === 'collection')
      await endPreviousKey(transaction, accountId, 'new_key_collected', { userId: null, ipAddress });
    return { username: account.username, key };
  });
}

/**
 * Returns the key, once, to the integrator who has the link and its current code. For two minutes, it returns the same
 * key to another submission with the same retry secret, whatever its code.
 *
 * A malformed code consumes no attempt, nor does any code once the current one has expired. Otherwise, an attempt is
 * consumed before the code is compared. For the right code, one transaction generates the key and stores its digest.
 * @param submitted as parsed by `submitCodeSchema`: `code` is null if it is malformed
 * @param ipAddress the client's, for the audit log
 */
export async function submitCode(
  database: Database,
  submitted: {
    token: string;
    code: string | null;
    openingId?: string | null | undefined;
    retrySecret?: string | null | undefined;
  },
  ipAddress: string | null = null,
): Promise<SubmitCodeResult> {
  const { authSecret, apiKeyTag } = settings();
  const { token, code, openingId, retrySecret } = submitted;
  const revealId = readLinkToken('reveal', token, authSecret);
  if (!revealId) return { ok: false, reason: 'invalid_link' };
  if (openingId) await tryToRecordInteraction(database, revealId, openingId);
  const submission = { revealId, ipAddress, retrySecret };
  if (code === null) return explainRefusal(database, submission, 'malformed');
  const attempt = await consumeAttempt(database, revealId);
  if (!attempt) return explainRefusal(database, submission, 'wrong_code');
  if (!codesMatch(code, deriveCode(revealId, attempt.codeGeneration, authSecret))) {
    await recordWrongCode(database, revealId, attempt, ipAddress);
    const isEarlier = isEarlierCode(code, revealId, attempt.codeGeneration);
    return explainRefusal(database, submission, isEarlier ? 'replaced_code' : 'wrong_code');
  }
  const credentials = await claimKey(database, { ...submission, ...attempt }, apiKeyTag);
  // If the link is still open, a newer code was issued after the comparison.
  return credentials ? { ok: true, ...credentials } : explainRefusal(database, submission, 'replaced_code');
}
