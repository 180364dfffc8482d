import { eq, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { ATTEMPTS_PER_LINK } from '#lib/account-state/limits.ts';
import { oldKeyEndColumns, toOldKeyEnd } from '#lib/key-delivery/previous-key.ts';
import {
  countAttempt,
  dropMessage,
  type LockedMessage,
  lockMessage,
} from '#lib/notifications/delivery/queued-message.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { deriveCode } from './code.ts';
import { CODE_MINUTES } from './limits.ts';
import type { OldKeyEnd } from './schema.ts';

/** The data that a reveal's message is rendered from. */
export type RevealMessage =
  | {
      kind: 'reveal_link';
      to: string;
      username: string;
      link: string;
      expiresAt: Date;
      /** Null if no old key works. */
      oldKey: OldKeyEnd | null;
    }
  | { kind: 'code'; to: string; code: string };

const columns = {
  id: reveals.id,
  email: reveals.email,
  phone: reveals.phone,
  expiresAt: reveals.expiresAt,
  generation: reveals.codeGeneration,
  isCodeExpired: sql<boolean>`${reveals.codeExpiresAt} <= now()`,
  // Also checks the attempts, because the process may have been killed before it recorded the link as locked.
  isOpen: sql<boolean>`${reveals.endedAt} is null and ${reveals.expiresAt} > now() and ${reveals.linkAttempts} < ${ATTEMPTS_PER_LINK}`,
  username: apiAccounts.username,
  ...oldKeyEndColumns,
};

async function lockReveal(transaction: Transaction, revealId: string) {
  const [reveal] = await transaction
    .select(columns)
    .from(reveals)
    .innerJoin(apiAccounts, eq(apiAccounts.id, reveals.accountId))
    .where(eq(reveals.id, revealId))
    .for('update', { of: reveals });
  return reveal;
}

type LockedReveal = NonNullable<Awaited<ReturnType<typeof lockReveal>>>;

/**
 * Chooses the generation of the code to send. The first delivery attempt starts the code's ten minutes.
 * If they have passed by a later attempt, issues a new code, because the old one would arrive expired.
 */
async function chooseCodeGeneration(
  transaction: Transaction,
  { attempts }: LockedMessage,
  reveal: LockedReveal,
): Promise<number> {
  const needsNewCode = attempts > 0 && reveal.isCodeExpired;
  const generation = needsNewCode ? reveal.generation + 1 : reveal.generation;
  if (attempts > 0 && !needsNewCode) return generation;
  await transaction
    .update(reveals)
    .set({
      codeGeneration: generation,
      codeExpiresAt: sql`now() + make_interval(mins => ${CODE_MINUTES})`,
      ...(needsNewCode ? { codeAttempts: 0 } : {}),
    })
    .where(eq(reveals.id, reveal.id));
  return generation;
}

/**
 * Counts a delivery attempt of a reveal's message, and derives the link or code to send.
 * @returns null if there is nothing to send: the message was sent, abandoned or dropped, or is dropped now, because the
 *   reveal is no longer open or has a newer code; or its account was deleted
 */
export async function prepareRevealMessage(
  transaction: Transaction,
  message: { id: string; revealId: string },
): Promise<RevealMessage | null> {
  const { authSecret, publicUrl } = settings();
  const reveal = await lockReveal(transaction, message.revealId);
  if (!reveal) return null;
  const locked = await lockMessage(transaction, message.id);
  if (!locked) return null;
  const isSuperseded = locked.codeGeneration !== null && locked.codeGeneration !== reveal.generation;
  if (!reveal.isOpen || isSuperseded) {
    await dropMessage(transaction, locked);
    return null;
  }
  if (locked.codeGeneration !== null) {
    const generation = await chooseCodeGeneration(transaction, locked, reveal);
    await countAttempt(transaction, locked, generation);
    return { kind: 'code', to: reveal.phone, code: deriveCode(reveal.id, generation, authSecret) };
  }
  await countAttempt(transaction, locked);
  const link = `${publicUrl}/reveal#${createLinkToken('reveal', reveal.id, authSecret)}`;
  const { email: to, username, expiresAt } = reveal;
  return { kind: 'reveal_link', to, username, link, expiresAt, oldKey: toOldKeyEnd(reveal) };
}
