import fc from 'fast-check';
import { expect } from 'vitest';
import { deriveCode, linkToken } from '#lib/key-delivery/reveal/derive.ts';
import { markFailed, markSent } from '#lib/notifications/delivery/finish-attempt.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { prepareMessage } from '#lib/worker/prepare-message.ts';
import { passTime } from './integrator-acts.ts';
import type { ModelMessage, RevealModel } from './reveal-model.ts';
import { takeSnapshot } from './reveal-snapshot.ts';
import { command, type RevealWorld } from './reveal-world.ts';

/** What comes of an attempt: 'killed' is a worker that never wrote down what did; the message waits, as after a failure. */
const outcome = fc.constantFrom('sent', 'refused', 'killed', 'killed');

/** What a message is to carry, to the address and with the code that are good now. */
function wordsOf({ link, generation }: ModelMessage) {
  const { authSecret, publicUrl } = settings();
  if (generation !== null) {
    return { kind: 'code', to: link.phone, code: deriveCode(link.id, link.generation, authSecret) };
  }
  const url = `${publicUrl}/reveal#${linkToken(link.id, authSecret)}`;
  return { kind: 'reveal_link', to: link.email, link: url };
}

async function finish(real: RevealWorld, message: ModelMessage, came: string): Promise<void> {
  if (came === 'sent') {
    message.state = 'sent';
    await markSent(real.database, message.id, { provider: 'outbox', providerId: null });
  } else if (came === 'refused') {
    message.state = 'failed';
    await markFailed(real.database, message.id, 'The phone number was refused.');
  }
}

/** Whether the worker leaves a message alone because an attempt of it may still be under way. */
async function isUnderWay(real: RevealWorld, { id }: ModelMessage): Promise<boolean> {
  const { messages } = await takeSnapshot(real.database.$client, real.accountId);
  return messages.some((row) => row.id === id && row.attemptUnderWay);
}

async function attempt(model: RevealModel, real: RevealWorld, message: ModelMessage, came: string) {
  if (await isUnderWay(real, message)) return;
  const isWanted = model.prepare(message);
  const prepared = await prepareMessage(real.database, message.id);
  if (!isWanted) return expect(prepared).toBeNull();
  expect(prepared).toMatchObject(wordsOf(message));
  await finish(real, message, came);
}

/** The worker takes up a message: the newest (0), or one so many before it, whatever became of it. */
export const send = fc.tuple(fc.constantFrom(0, 0, 0, 1, 2, 3), outcome).map(([back, came]) =>
  command(`send(message ${-back}, ${came})`, async (model, real) => {
    const message = model.messages.at(-1 - back) ?? model.messages[0];
    if (message) await attempt(model, real, message, came);
  }),
);

/** A worker is killed with the newest text, whose code then expires before the next attempt. */
export const sendLate = fc.constant(
  command('sendLate', async (model, real) => {
    const text = model.messages.findLast(({ generation }) => generation !== null);
    if (!text) return;
    await attempt(model, real, text, 'killed');
    await passTime(model, real, 660);
    await attempt(model, real, text, 'sent');
  }),
);
