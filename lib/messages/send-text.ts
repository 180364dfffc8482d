import type { SNSClient } from '@aws-sdk/client-sns';
import { settings } from '#lib/settings.ts';
import { outboxFolder, writeToOutbox } from './outbox.ts';
import type { Sent, Text } from './sent.ts';
import { createSnsClient, sendBySns } from './sns.ts';
import { sendByTwilio } from './twilio.ts';

let client: SNSClient | undefined;

/** Sends a text message by the provider of the settings. Failures are answers; nothing is thrown. */
export async function sendText(text: Text): Promise<Sent> {
  const { sms, dataFolder } = settings();
  if (sms.provider === 'sns') {
    client ??= createSnsClient();
    return sendBySns(client, text);
  }
  if (sms.provider === 'twilio') return sendByTwilio(sms.account, text);
  return writeToOutbox(outboxFolder(dataFolder), { ...text, channel: 'sms', subject: null, html: null });
}
