import { eq, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { settings } from '#lib/settings.ts';
import { codeFor, linkToken } from './derive.ts';
import { CODE_MINUTES } from './limits.ts';

/** All that a message's words are made of. */
export type PreparedMessage =
  | { channel: 'email'; to: string; username: string; link: string; expiresAt: Date }
  | { channel: 'sms'; to: string; code: string };

const columns = {
  channel: messages.channel,
  state: messages.state,
  attempts: messages.attempts,
  messageGeneration: messages.codeGeneration,
  revealId: reveals.id,
  email: reveals.email,
  phone: reveals.phone,
  expiresAt: reveals.expiresAt,
  presentGeneration: reveals.codeGeneration,
  codeExpired: sql<boolean>`${reveals.codeExpiresAt} <= now()`,
  revealOpen: sql<boolean>`${reveals.endedAt} is null and ${reveals.expiresAt} > now()`,
  username: apiAccounts.username,
};

async function holdMessage(transaction: Transaction, messageId: string) {
  const [held] = await transaction
    .select(columns)
    .from(messages)
    .innerJoin(reveals, eq(reveals.id, messages.revealId))
    .innerJoin(apiAccounts, eq(apiAccounts.id, reveals.accountId))
    .where(eq(messages.id, messageId))
    .for('update', { of: [reveals, messages] });
  return held;
}

type Held = NonNullable<Awaited<ReturnType<typeof holdMessage>>>;

/**
 * The generation that a text is to carry. A code's ten minutes begin with the first attempt to send it. If
 * they are over by the next (a provider was away for long), the text takes a fresh code: it would arrive dead.
 */
async function codeGenerationToSend(
  transaction: Transaction,
  messageId: string,
  held: Held,
): Promise<number> {
  const generation =
    held.attempts > 0 && held.codeExpired ? held.presentGeneration + 1 : held.presentGeneration;
  const fresh = generation !== held.presentGeneration;
  if (held.attempts > 0 && !fresh) return generation;
  await transaction
    .update(reveals)
    .set({
      codeGeneration: generation,
      codeExpiresAt: sql`now() + make_interval(mins => ${CODE_MINUTES})`,
      ...(fresh ? { codeTries: 0 } : {}),
    })
    .where(eq(reveals.id, held.revealId));
  await transaction.update(messages).set({ codeGeneration: generation }).where(eq(messages.id, messageId));
  return generation;
}

/** A message that nobody needs any more: its reveal has ended, or a newer code has been asked for. */
function isOvertaken(held: Held): boolean {
  return !held.revealOpen || (held.channel === 'sms' && held.messageGeneration !== held.presentGeneration);
}

/**
 * Begins an attempt to send a message: counts it, and derives what goes out.
 * @returns null where there is nothing to send: sent already, given up, or overtaken
 */
export async function prepareMessage(database: Database, messageId: string): Promise<PreparedMessage | null> {
  const { authSecret, publicUrl } = settings();
  return withTransaction(database, async (transaction) => {
    const held = await holdMessage(transaction, messageId);
    if (held?.state !== 'queued') return null;
    if (isOvertaken(held)) {
      const dropped = { state: 'dropped', endedAt: sql`now()` } as const;
      await transaction.update(messages).set(dropped).where(eq(messages.id, messageId));
      return null;
    }
    const attempts = held.attempts + 1;
    await transaction.update(messages).set({ attempts }).where(eq(messages.id, messageId));
    if (held.channel === 'sms') {
      const generation = await codeGenerationToSend(transaction, messageId, held);
      return { channel: 'sms', to: held.phone, code: codeFor(held.revealId, generation, authSecret) };
    }
    const link = `${publicUrl}/reveal#${linkToken(held.revealId, authSecret)}`;
    return { channel: 'email', to: held.email, username: held.username, link, expiresAt: held.expiresAt };
  });
}
