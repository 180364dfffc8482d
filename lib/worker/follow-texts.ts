import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '#db/client.ts';
import { openTexts } from '#lib/notifications/delivery/open-texts.ts';
import { recordReport } from '#lib/notifications/delivery/record-report.ts';
import { AT_ONCE, askedProvider, askOutcomes } from '#lib/notifications/providers/ask-outcomes.ts';
import { CannotAsk } from '#lib/notifications/providers/outcome.ts';
import { log } from '#lib/platform/log.ts';

const EVERY_MS = 20_000;

/** The kind of an error, and none of the words of others: they may hold a phone number or a part of a credential. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  if (error instanceof CannotAsk) return error.message;
  const cause = error.cause instanceof Error && 'code' in error.cause ? ` (${error.cause.code})` : '';
  return `${error.name}${cause}`;
}

/** Asks about some of the texts whose end is open, and writes down what there is to tell. */
async function followOnce(
  database: Database,
  provider: 'sns' | 'twilio',
  stopped: AbortSignal,
): Promise<void> {
  const texts = await openTexts(database, provider, AT_ONCE);
  if (texts.length === 0) return;
  const messageIds = new Map(texts.map(({ providerId, messageId }) => [providerId, messageId]));
  for await (const { providerId, outcome } of askOutcomes(texts, stopped)) {
    const messageId = messageIds.get(providerId) ?? null;
    await recordReport(database, { messageId, provider, providerId }, outcome, `${provider}:${providerId}`);
  }
}

/**
 * Finds out what became of texts, where the settings name somebody who can be asked (`docs/messages.md`). It needs no
 * queue and no lock: what two workers find at once is written down once. A provider that cannot be asked harms
 * nothing; the log says so when that begins and when it ends.
 * @returns stops it, and what it is waiting for
 */
export function followTexts(database: Database, everyMs = EVERY_MS): { stop(): Promise<void> } {
  const provider = askedProvider();
  const stopping = new AbortController();
  const { signal } = stopping;
  let failing = false;
  const follow = async (from: 'sns' | 'twilio') => {
    while (!signal.aborted) {
      try {
        await followOnce(database, from, signal);
        if (failing) log.info('worker.texts_followed_again', { provider: from });
        failing = false;
      } catch (error) {
        if (!failing && !signal.aborted)
          log.warn('worker.texts_not_followed', { provider: from, reason: reasonOf(error) });
        failing = true;
      }
      // Ended early by a stop.
      await delay(everyMs, undefined, { signal }).catch(() => {});
    }
  };
  const following = provider ? follow(provider) : Promise.resolve();
  return {
    async stop() {
      stopping.abort();
      await following;
    },
  };
}
