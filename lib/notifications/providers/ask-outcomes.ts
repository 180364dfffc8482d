import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { settings } from '#lib/platform/config/settings.ts';
import type { AskedText, TextOutcome } from './outcome.ts';
import { twilioOutcomes } from './twilio-outcomes.ts';

/** How many texts can be asked about at once. */
export const AT_ONCE = 24;

/** Which provider's texts can be asked about, by the settings. */
export function askedProvider(): 'sns' | 'twilio' | null {
  const { sms } = settings();
  if (sms.provider === 'sns') return sms.logGroup ? 'sns' : null;
  return sms.provider === 'twilio' ? 'twilio' : null;
}

let client: CloudWatchLogsClient | undefined;

/**
 * Asks the provider of the settings what became of texts that it accepted. What it does not know yet is left out.
 * @param texts at most `AT_ONCE`
 * @throws where the provider cannot be asked; what was found until then stands
 */
export async function* askOutcomes(texts: AskedText[], stopped: AbortSignal): AsyncGenerator<TextOutcome> {
  const { sms } = settings();
  if (sms.provider === 'twilio') yield* twilioOutcomes(sms.account, texts, stopped);
  if (sms.provider !== 'sns' || !sms.logGroup) return;
  const { createLogsClient, snsOutcomes } = await import('./sns-outcomes.ts');
  client ??= createLogsClient();
  yield* snsOutcomes(client, sms.logGroup, texts, stopped);
}
