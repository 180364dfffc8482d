import type { SNSClient } from '@aws-sdk/client-sns';
import { getOutboxFolder, writeToOutbox } from '#lib/notifications/providers/outbox.ts';
import type { SendResult, Sms } from '#lib/notifications/providers/send-result.ts';
import { sendByTwilio } from '#lib/notifications/providers/twilio.ts';
import { settings } from '#lib/platform/config/settings.ts';

/** `timeoutMs`: how long the provider may take to respond. */
type SendSms = (sms: Sms, timeoutMs?: number) => Promise<SendResult>;

let snsClient: SNSClient | undefined;

/** Returns a function that sends by the configured provider. Loads the SDK of SNS on first use, to save memory. */
export async function loadSmsSender(): Promise<SendSms> {
  const { sms, dataFolder } = settings();
  switch (sms.provider) {
    case 'sns': {
      const { createSnsClient, sendBySns } = await import('#lib/notifications/providers/sns.ts');
      snsClient ??= createSnsClient();
      const account = { client: snsClient, sender: sms.sender };
      return (message, timeoutMs) => sendBySns(account, message, timeoutMs);
    }
    case 'twilio':
      return (message, timeoutMs) => sendByTwilio(sms.account, message, timeoutMs);
    case 'outbox':
      return (message) =>
        writeToOutbox(getOutboxFolder(dataFolder), { ...message, channel: 'sms', subject: null, html: null });
  }
}

/** Sends an SMS by the configured provider. Returns failures instead of throwing them. */
export const sendSms: SendSms = async (sms, timeoutMs) => {
  const send = await loadSmsSender();
  return send(sms, timeoutMs);
};
