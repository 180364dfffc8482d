import { and, eq, gt, gte, isNull, lt, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { reveals } from '#db/schema/reveals.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { claimKey } from './claim-key.ts';
import { codesMatch, deriveCode, readLinkToken } from './derive.ts';
import { ATTEMPTS_PER_CODE, ATTEMPTS_PER_LINK } from './limits.ts';
import { type RevealView, readCode } from './schema.ts';
import { touchOpening } from './touch-opening.ts';
import { readReveal } from './view.ts';

export type Submitted =
  | { ok: true; username: string; key: string }
  | { ok: false; reason: 'malformed' | 'wrong' | 'code_expired' | 'code_dead'; view: RevealView }
  | { ok: false; reason: 'used' }
  | { ok: false; reason: 'ended' };

type Spent = { accountId: string; codeGeneration: number; linkTries: number };
type Address = string | null;

/**
 * Spends a try, where one is left: one statement, committed before the code is looked at, so that a hundred
 * guesses sent at once are still five (OWASP ASVS 5.0, 6.6.3).
 */
async function spendTry(database: Database, revealId: string): Promise<Spent | undefined> {
  const [spent] = await database
    .update(reveals)
    .set({ codeTries: sql`${reveals.codeTries} + 1`, linkTries: sql`${reveals.linkTries} + 1` })
    .where(
      and(
        eq(reveals.id, revealId),
        isNull(reveals.endedAt),
        gt(reveals.expiresAt, sql`now()`),
        gt(reveals.codeExpiresAt, sql`now()`),
        lt(reveals.codeTries, ATTEMPTS_PER_CODE),
        lt(reveals.linkTries, ATTEMPTS_PER_LINK),
      ),
    )
    .returning({
      accountId: reveals.accountId,
      codeGeneration: reveals.codeGeneration,
      linkTries: reveals.linkTries,
    });
  return spent;
}

/** Puts a wrong code on record, and ends the reveal with the last try that its link has. */
async function recordWrongCode(
  database: Database,
  revealId: string,
  spent: Spent,
  address: Address,
): Promise<void> {
  const event = {
    userId: null,
    accountId: spent.accountId,
    address,
    outcome: 'refused' as const,
    details: { revealId, linkTries: spent.linkTries },
  };
  await withTransaction(database, async (transaction) => {
    recordAuditEvent(transaction, 'reveal.wrong_code', event);
    if (spent.linkTries < ATTEMPTS_PER_LINK) return;
    const locked = await transaction
      .update(reveals)
      .set({ endedAt: sql`now()`, endedBecause: 'locked' })
      .where(
        and(eq(reveals.id, revealId), isNull(reveals.endedAt), gte(reveals.linkTries, ATTEMPTS_PER_LINK)),
      )
      .returning({ id: reveals.id });
    if (locked.length > 0) recordAuditEvent(transaction, 'reveal.locked', event);
  });
}

/** Why no key was shown, by a fresh read; `otherwise` where the reveal is open and its code still good. */
async function explain(
  database: Database,
  revealId: string,
  otherwise: 'malformed' | 'wrong',
): Promise<Submitted> {
  const reveal = await readReveal(database, revealId);
  if (reveal.state !== 'open') return { ok: false, reason: reveal.state };
  if (otherwise === 'malformed') return { ok: false, reason: 'malformed', view: reveal.view };
  if (reveal.codeExpired) return { ok: false, reason: 'code_expired', view: reveal.view };
  if (reveal.codeDead) return { ok: false, reason: 'code_dead', view: reveal.view };
  return { ok: false, reason: 'wrong', view: reveal.view };
}

/** Who submits a code has touched the page. That this cannot be written keeps nobody from the key. */
async function noteTouch(database: Database, token: string, opening: string): Promise<void> {
  await touchOpening(database, { token, opening }).catch((error: unknown) =>
    log.warn('reveal.touch_not_written', { reason: error instanceof Error ? error.name : '' }),
  );
}

/**
 * Shows the key to whoever holds the link and its present code: once.
 *
 * A code that is empty or malformed costs no try; any other does, before it is compared. The right one mints
 * the key and stores its digest in one transaction, before anything is answered.
 * @param address the client's, for the audit log
 */
export async function submitCode(
  database: Database,
  input: { token: string; code: string; opening?: string | null | undefined },
  address: Address = null,
): Promise<Submitted> {
  const { authSecret, apiKeyTag } = settings();
  const revealId = readLinkToken(input.token, authSecret);
  if (!revealId) return { ok: false, reason: 'ended' };
  if (input.opening) await noteTouch(database, input.token, input.opening);
  const code = readCode(input.code);
  if (!code) return explain(database, revealId, 'malformed');
  const spent = await spendTry(database, revealId);
  if (!spent) return explain(database, revealId, 'wrong');
  if (!codesMatch(code, deriveCode(revealId, spent.codeGeneration, authSecret))) {
    await recordWrongCode(database, revealId, spent, address);
    return explain(database, revealId, 'wrong');
  }
  const shown = await claimKey(database, { revealId, address, ...spent }, apiKeyTag);
  return shown ? { ok: true, ...shown } : explain(database, revealId, 'wrong');
}
