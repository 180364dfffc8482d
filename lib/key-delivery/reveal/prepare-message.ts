import { eq, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import {
  countAttempt,
  dropMessage,
  type LockedMessage,
  lockMessage,
} from '#lib/notifications/delivery/attempt.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { deriveCode, linkToken } from './derive.ts';
import { ATTEMPTS_PER_LINK, CODE_MINUTES } from './limits.ts';

/** All that the words of a reveal's message are made of. */
export type RevealMessage =
  | { kind: 'reveal_link'; to: string; username: string; link: string; expiresAt: Date }
  | { kind: 'code'; to: string; code: string };

const columns = {
  id: reveals.id,
  email: reveals.email,
  phone: reveals.phone,
  expiresAt: reveals.expiresAt,
  generation: reveals.codeGeneration,
  codeExpired: sql<boolean>`${reveals.codeExpiresAt} <= now()`,
  // The last try ends the link, also where the process that was to write it down as locked was killed before.
  open: sql<boolean>`${reveals.endedAt} is null and ${reveals.expiresAt} > now() and ${reveals.linkTries} < ${ATTEMPTS_PER_LINK}`,
  username: apiAccounts.username,
};

async function holdReveal(transaction: Transaction, revealId: string) {
  const [held] = await transaction
    .select(columns)
    .from(reveals)
    .innerJoin(apiAccounts, eq(apiAccounts.id, reveals.accountId))
    .where(eq(reveals.id, revealId))
    .for('update', { of: reveals });
  if (!held) throw new Error('the reveal of a message is gone');
  return held;
}

type HeldReveal = Awaited<ReturnType<typeof holdReveal>>;

/**
 * The generation that a text is to carry. A code's ten minutes begin with the first attempt to send it. If
 * they are over by the next (a provider was away for long), the text takes a fresh code: it would arrive dead.
 */
async function codeGenerationToSend(
  transaction: Transaction,
  { attempts }: LockedMessage,
  reveal: HeldReveal,
): Promise<number> {
  const fresh = attempts > 0 && reveal.codeExpired;
  const generation = fresh ? reveal.generation + 1 : reveal.generation;
  if (attempts > 0 && !fresh) return generation;
  await transaction
    .update(reveals)
    .set({
      codeGeneration: generation,
      codeExpiresAt: sql`now() + make_interval(mins => ${CODE_MINUTES})`,
      ...(fresh ? { codeTries: 0 } : {}),
    })
    .where(eq(reveals.id, reveal.id));
  return generation;
}

/**
 * Begins an attempt to send a message of a reveal: counts it, and derives what goes out.
 * @returns null where there is nothing to send: sent already, given up, or overtaken (the reveal has ended, or a
 *   newer code was asked for)
 */
export async function prepareRevealMessage(
  transaction: Transaction,
  message: { id: string; revealId: string },
): Promise<RevealMessage | null> {
  const { authSecret, publicUrl } = settings();
  const reveal = await holdReveal(transaction, message.revealId);
  const held = await lockMessage(transaction, message.id);
  if (!held) return null;
  const overtaken = held.codeGeneration !== null && held.codeGeneration !== reveal.generation;
  if (!reveal.open || overtaken) {
    await dropMessage(transaction, held);
    return null;
  }
  if (held.codeGeneration !== null) {
    const generation = await codeGenerationToSend(transaction, held, reveal);
    await countAttempt(transaction, held, generation);
    return { kind: 'code', to: reveal.phone, code: deriveCode(reveal.id, generation, authSecret) };
  }
  await countAttempt(transaction, held);
  const link = `${publicUrl}/reveal#${linkToken(reveal.id, authSecret)}`;
  const { email: to, username, expiresAt } = reveal;
  return { kind: 'reveal_link', to, username, link, expiresAt };
}
