import fc from 'fast-check';
import { expect } from 'vitest';
import { deriveCode } from '#lib/key-delivery/reveal/code.ts';
import { abandonMessage, markSent } from '#lib/notifications/delivery/attempt.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';
import { passTime } from './integrator-commands.ts';
import type { ModelMessage, RevealModel } from './reveal-model.ts';
import { takeSnapshot } from './reveal-snapshot.ts';
import { command, type RevealWorld } from './reveal-world.ts';

/** Outcome of a delivery attempt. 'killed' is a worker that recorded no outcome, so the message stays queued. */
const outcome = fc.constantFrom('sent', 'refused', 'killed', 'killed');

/** Returns the expected content of a message, with the current recipient and code. */
function expectedContent({ link, generation }: ModelMessage) {
  const { authSecret, publicUrl } = settings();
  if (generation !== null) {
    return { kind: 'code', to: link.phone, code: deriveCode(link.id, link.generation, authSecret) };
  }
  const url = `${publicUrl}/reveal#${createLinkToken('reveal', link.id, authSecret)}`;
  return { kind: 'reveal_link', to: link.email, link: url };
}

async function finish(real: RevealWorld, message: ModelMessage, result: string): Promise<void> {
  if (result === 'sent') {
    message.state = 'sent';
    await markSent(real.database, message.id, { provider: 'outbox', providerId: null });
  } else if (result === 'refused') {
    message.state = 'failed';
    await abandonMessage(real.database, message.id, 'The phone number was refused.');
  }
}

/** Returns whether the worker skips a message because an earlier attempt may still be in progress. */
async function isAttemptInProgress(real: RevealWorld, { id }: ModelMessage): Promise<boolean> {
  const { messages } = await takeSnapshot(real.database.$client, real.accountId);
  return messages.some((row) => row.id === id && row.isAttemptInProgress);
}

async function attempt(model: RevealModel, real: RevealWorld, message: ModelMessage, result: string) {
  if (await isAttemptInProgress(real, message)) return;
  const isWanted = model.prepare(message);
  const prepared = await prepareMessage(real.database, message.id);
  if (!isWanted) return expect(prepared).toBeNull();
  expect(prepared).toMatchObject(expectedContent(message));
  await finish(real, message, result);
}

/** Attempts a message in any state: the newest (0), or an earlier one. */
export const send = fc.tuple(fc.constantFrom(0, 0, 0, 1, 2, 3), outcome).map(([back, result]) =>
  command(`send(message ${-back}, ${result})`, async (model, real) => {
    const message = model.messages.at(-1 - back) ?? model.messages[0];
    if (message) await attempt(model, real, message, result);
  }),
);

/** Attempts the newest SMS, is killed, and retries after the code has expired. */
export const sendLate = fc.constant(
  command('sendLate', async (model, real) => {
    const sms = model.messages.findLast(({ generation }) => generation !== null);
    if (!sms) return;
    await attempt(model, real, sms, 'killed');
    await passTime(model, real, 660);
    await attempt(model, real, sms, 'sent');
  }),
);
