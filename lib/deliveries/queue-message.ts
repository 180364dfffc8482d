import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { enqueueMessage } from '#lib/queue/enqueue.ts';

/** What a message is about. Whom it goes to and what it says are found out when it is sent. */
export type NewMessage =
  | { kind: 'reveal_link'; revealId: string }
  | { kind: 'code'; revealId: string; codeGeneration: number }
  | { kind: 'change_notice'; changeId: string }
  | { kind: 'objection'; changeId: string; userId: string };

/** Writes a message down and queues its sending, in the caller's transaction. */
export async function queueMessage(
  transaction: Transaction,
  sender: PgBoss,
  message: NewMessage,
): Promise<void> {
  const id = uuidv7();
  const channel = message.kind === 'code' ? 'sms' : 'email';
  await transaction.insert(messages).values({ id, channel, ...message });
  await enqueueMessage(transaction, sender, channel, { messageId: id });
}
