import { capitalize } from '#components/format.ts';
import type { OutboxChannels } from '#lib/platform/config/provider-settings.ts';

/** A message that was just queued. `content`: what it contains, such as "the link". */
type QueuedMessage = { content: string; recipient: string };
type QueuedMessages = { email?: QueuedMessage | undefined; sms?: QueuedMessage | undefined };

/** Joins clauses to a sentence; empty if there are none. */
const toSentence = (clauses: string[], start = '', end = '.') =>
  clauses.length > 0 ? `${start}${clauses.join(' and ')}${end}` : '';

/** Describes the messages that were just queued: who gets them, or that they are in the outbox. */
export function describeQueued({ email, sms }: QueuedMessages, outbox: OutboxChannels): string {
  const sent: string[] = [];
  const kept: string[] = [];
  if (email && outbox.email) kept.push(`${email.content} for ${email.recipient}`);
  else if (email) sent.push(`emailing ${email.content} to ${email.recipient}`);
  if (sms && outbox.sms) kept.push(`${sms.content} for ${sms.recipient}`);
  else if (sms) sent.push(`texting ${sms.content} to ${sms.recipient}`);
  const keptSentence = toSentence(kept, '', kept.length > 1 ? ' are in the outbox.' : ' is in the outbox.');
  return [toSentence(sent, 'We’re '), capitalize(keptSentence)].filter(Boolean).join(' ');
}
