import type { SNSClient } from '@aws-sdk/client-sns';
import { outboxFolder, writeToOutbox } from '#lib/notifications/providers/outbox.ts';
import type { Sent, Text } from '#lib/notifications/providers/sent.ts';
import { sendByTwilio } from '#lib/notifications/providers/twilio.ts';
import { settings } from '#lib/platform/config/settings.ts';

/** `deadline`: how many milliseconds the provider may take to answer. */
type SendText = (text: Text, deadline?: number) => Promise<Sent>;

let client: SNSClient | undefined;

/** Loads the provider of the settings: its SDK takes no memory before the first text. */
export async function loadSmsSender(): Promise<SendText> {
  const { sms, dataFolder } = settings();
  if (sms.provider === 'sns') {
    const { createSnsClient, sendBySns } = await import('#lib/notifications/providers/sns.ts');
    client ??= createSnsClient();
    const sns = client;
    return (text, deadline) => sendBySns(sns, text, deadline);
  }
  if (sms.provider === 'twilio') return (text, deadline) => sendByTwilio(sms.account, text, deadline);
  return (text) =>
    writeToOutbox(outboxFolder(dataFolder), { ...text, channel: 'sms', subject: null, html: null });
}

/** Sends a text message by the provider of the settings. Failures are answers; nothing is thrown. */
export const sendSms: SendText = async (text, deadline) => {
  const send = await loadSmsSender();
  return send(text, deadline);
};
