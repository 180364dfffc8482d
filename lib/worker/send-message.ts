import type { Database } from '#db/client.ts';
import { markFailed, markSent, noteFailedAttempt } from '#lib/deliveries/finish-attempt.ts';
import { revealEmail } from '#lib/messages/reveal-email.tsx';
import { revealText } from '#lib/messages/reveal-text.ts';
import { sendEmail } from '#lib/messages/send-email.ts';
import { sendText } from '#lib/messages/send-text.ts';
import type { Sent } from '#lib/messages/sent.ts';
import { settings } from '#lib/settings.ts';
import { type PreparedMessage, prepareMessage } from './prepare-message.ts';

async function send(messageId: string, message: PreparedMessage): Promise<Sent> {
  const { organisationName: organisation, publicUrl } = settings();
  switch (message.kind) {
    case 'reveal_link': {
      const { to, username, link, expiresAt } = message;
      const words = await revealEmail({ organisation, username, link, expiresAt });
      return sendEmail({ id: messageId, to, ...words });
    }
    case 'code': {
      const host = new URL(publicUrl).hostname;
      const text = revealText({ organisation, code: message.code, host });
      return sendText({ id: messageId, to: message.to, text });
    }
  }
}

/**
 * Sends one message and writes down what became of it.
 *
 * @throws an error without particulars where it is worth trying again: the queue stores what is thrown, so
 *   nothing of the message may be in it
 */
export async function sendMessage(database: Database, messageId: string): Promise<void> {
  const message = await prepareMessage(database, messageId);
  if (!message) return;
  const sent = await send(messageId, message);
  if (sent.ok) return markSent(database, messageId, sent);
  if (!sent.retry) return markFailed(database, messageId, sent.reason);
  await noteFailedAttempt(database, messageId, sent.reason);
  throw new Error('not sent yet');
}
