import fc from 'fast-check';
import { expect } from 'vitest';
import { recordEndedKeys } from '#lib/key-delivery/previous-key.ts';
import { deriveCode } from '#lib/key-delivery/reveal/code.ts';
import { abandonMessage, markSent } from '#lib/notifications/delivery/attempt.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';
import { passTime } from './integrator-commands.ts';
import type { ModelMessage, RevealModel } from './reveal-model.ts';
import { takeSnapshot } from './reveal-snapshot.ts';
import { createCommand, type RevealWorld } from './reveal-world.ts';

/**
 * How a delivery attempt ends. `abandoned`: the provider rejected the message. `killed`: the worker records no outcome,
 * so the message stays queued.
 */
const outcomes = fc.constantFrom('sent', 'abandoned', 'killed', 'killed');

/** Returns the content that a message must have, with the current recipient, link and code. */
function getExpectedContent({ link, generation }: ModelMessage) {
  const { authSecret, publicUrl } = settings();
  const isSms = generation !== null;
  if (isSms) {
    return { kind: 'code', to: link.phone, code: deriveCode(link.id, link.generation, authSecret) };
  }
  const url = `${publicUrl}/reveal#${createLinkToken('reveal', link.id, authSecret)}`;
  return { kind: 'reveal_link', to: link.email, link: url };
}

async function recordOutcome(real: RevealWorld, message: ModelMessage, outcome: string): Promise<void> {
  if (outcome === 'sent') {
    message.state = 'sent';
    await markSent(real.database, message.id, { provider: 'outbox', providerId: null });
  } else if (outcome === 'abandoned') {
    message.state = 'failed';
    await abandonMessage(real.database, message.id, 'The provider rejected the message.');
  }
}

/** Returns whether the worker skips a message because an earlier attempt may still be in progress. */
async function isAttemptInProgress(real: RevealWorld, { id }: ModelMessage): Promise<boolean> {
  const { messages } = await takeSnapshot(real.database.$client, real.accountId);
  return messages.some((row) => row.id === id && row.isAttemptInProgress);
}

async function attemptMessage(model: RevealModel, real: RevealWorld, message: ModelMessage, outcome: string) {
  if (await isAttemptInProgress(real, message)) return;
  const shouldSend = model.prepareMessage(message);
  const prepared = await prepareMessage(real.database, message.id);
  if (!shouldSend) return expect(prepared).toBeNull();
  expect(prepared).toMatchObject(getExpectedContent(message));
  await recordOutcome(real, message, outcome);
}

/** Attempts to send a message in any state: the newest one (age 0), or an earlier one. */
export const send = fc.tuple(fc.constantFrom(0, 0, 0, 1, 2, 3), outcomes).map(([age, outcome]) =>
  createCommand(`send(message ${-age}, ${outcome})`, async (model, real) => {
    const message = model.messages.at(-1 - age) ?? model.messages[0];
    if (message) await attemptMessage(model, real, message, outcome);
  }),
);

/** Records the ends of old keys, of all accounts. */
export const recordEnds = fc.constant(
  createCommand('recordEnds', (_, real) => recordEndedKeys(real.database)),
);

/** Attempts to send the newest SMS with a worker that is killed, and again after the code has expired. */
export const sendLate = fc.constant(
  createCommand('sendLate', async (model, real) => {
    const sms = model.messages.findLast(({ generation }) => generation !== null);
    if (!sms) return;
    await attemptMessage(model, real, sms, 'killed');
    await passTime(model, real, 660);
    await attemptMessage(model, real, sms, 'sent');
  }),
);
