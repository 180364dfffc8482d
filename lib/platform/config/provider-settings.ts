import { isLoopbackHost } from '#lib/platform/http/web-url.ts';
import type { Environment } from './environment.ts';

/** The mail server that SMTP_URL describes, and how to connect to it. */
export type SmtpServerSettings = {
  host: string;
  port: number;
  /** Implicit TLS, STARTTLS, or none, which is only allowed for a server on this machine. */
  security: 'tls' | 'starttls' | 'none';
  login: { user: string; pass: string } | null;
};

/** Twilio's settings. The login is the account's SID and token, or the SID and secret of an API key. */
export type TwilioAccount = {
  accountSid: string;
  login: { user: string; password: string };
  /** An E.164 number, an alphanumeric sender ID, or a messaging service (MG…). */
  from: string;
  /** Without a trailing slash. */
  baseUrl: string;
};

/** How Amazon SNS names the sender of an SMS. Null: as it is set up in the AWS account. */
export type SnsSender = {
  senderId: string | null;
  originationNumber: string | null;
  /** Ids that India's registration of senders and texts (DLT) has assigned to the organisation and to the text. */
  dlt: { entityId: string; templateId: string } | null;
};

export type EmailProvider =
  | { provider: 'resend'; apiKey: string; from: string }
  | { provider: 'smtp'; server: SmtpServerSettings; from: string }
  | { provider: 'outbox' };

export type SmsProvider =
  | { provider: 'sns'; sender: SnsSender; logGroup: string | null }
  | { provider: 'twilio'; account: TwilioAccount }
  | { provider: 'outbox' };

const TWILIO_BASE_URL = 'https://api.twilio.com';
const SMTP_PORTS = { 'smtps:': 465, 'smtp:': 587 };

/** Finds errors in the email and SMS settings. Each is a sentence that begins with a variable's name. */
export function findProviderErrors(parsed: Environment): string[] {
  const errors: string[] = [];
  const { RESEND_API_KEY, SMTP_URL, EMAIL_FROM } = parsed;
  const providers = Object.entries({ RESEND_API_KEY, SMTP_URL }).filter(([, value]) => value);
  if (providers.length > 1) errors.push('RESEND_API_KEY and SMTP_URL are both set: use only one');
  for (const [name] of EMAIL_FROM ? [] : providers)
    errors.push(`${name} also needs EMAIL_FROM: set both or neither`);
  if (EMAIL_FROM && providers.length === 0)
    errors.push('EMAIL_FROM also needs RESEND_API_KEY or SMTP_URL: set one of them, or remove EMAIL_FROM');
  if (parsed.SMS_PROVIDER === 'sns') errors.push(...findDltErrors(parsed));
  return parsed.SMS_PROVIDER === 'twilio' ? [...errors, ...findTwilioErrors(parsed)] : errors;
}

/** In India, a registered text belongs to an organisation and a sender ID. */
function findDltErrors(parsed: Environment): string[] {
  const { SNS_DLT_ENTITY_ID: entityId, SNS_DLT_TEMPLATE_ID: templateId, SNS_SENDER_ID: senderId } = parsed;
  if (Boolean(entityId) !== Boolean(templateId))
    return ['SNS_DLT_ENTITY_ID and SNS_DLT_TEMPLATE_ID belong together: set both or neither'];
  return entityId && !senderId ? ['SNS_SENDER_ID is missing: SNS_DLT_TEMPLATE_ID needs it'] : [];
}

function findTwilioErrors(parsed: Environment): string[] {
  const errors: string[] = [];
  const missingText = 'is missing: SMS_PROVIDER=twilio needs it';
  if (!parsed.TWILIO_ACCOUNT_SID) errors.push(`TWILIO_ACCOUNT_SID ${missingText}`);
  if (!parsed.TWILIO_FROM) errors.push(`TWILIO_FROM ${missingText}`);
  const { TWILIO_AUTH_TOKEN: token, TWILIO_API_KEY_SID: keySid, TWILIO_API_KEY_SECRET: secret } = parsed;
  if (Boolean(keySid) !== Boolean(secret))
    errors.push('TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET belong together: set both or neither');
  else if (!token && !keySid)
    errors.push(`TWILIO_AUTH_TOKEN ${missingText}, or TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET`);
  else if (token && keySid)
    errors.push('TWILIO_AUTH_TOKEN and TWILIO_API_KEY_SID are both set: use only one');
  return errors;
}

/**
 * Finds errors about missing providers. Outside embedded mode, there is no outbox, so both are required.
 * Does not repeat that EMAIL_FROM is set alone, which `findProviderErrors` reports.
 */
export function findMissingProviders(parsed: Environment): string[] {
  const missing: string[] = [];
  if (!parsed.RESEND_API_KEY && !parsed.SMTP_URL && !parsed.EMAIL_FROM)
    missing.push(
      'RESEND_API_KEY (or SMTP_URL) and EMAIL_FROM are missing: with DATABASE_URL set, emails need a provider',
    );
  if (parsed.SMS_PROVIDER !== 'sns' && parsed.SMS_PROVIDER !== 'twilio')
    missing.push('SMS_PROVIDER must be sns or twilio: with DATABASE_URL set, texts need a provider');
  return missing;
}

function parseSmtpServer(smtpUrl: string): SmtpServerSettings {
  const url = new URL(smtpUrl);
  const isImplicitTls = url.protocol === 'smtps:';
  const port = url.port ? Number(url.port) : SMTP_PORTS[isImplicitTls ? 'smtps:' : 'smtp:'];
  const isLocal = isLoopbackHost(url.hostname);
  const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    security: isImplicitTls ? 'tls' : isLocal ? 'none' : 'starttls',
    login: user ? { user, pass } : null,
  };
}

/** Builds the email settings from valid variables. Returns the outbox if no provider is set. */
export function buildEmailProvider(parsed: Environment): EmailProvider {
  const { RESEND_API_KEY: apiKey, SMTP_URL: url, EMAIL_FROM: from } = parsed;
  if (apiKey && from) return { provider: 'resend', apiKey, from };
  if (url && from) return { provider: 'smtp', server: parseSmtpServer(url), from };
  return { provider: 'outbox' };
}

/** Whether emails, and whether SMS, go to the outbox instead of to people. In test mode, at least one of them does. */
export type OutboxChannels = { email: boolean; sms: boolean };

/** Returns which messages go to the outbox: in embedded mode, those without a provider. */
export function getOutboxChannels({
  isEmbedded,
  email,
  sms,
}: {
  isEmbedded: boolean;
  email: EmailProvider;
  sms: SmsProvider;
}): OutboxChannels {
  return {
    email: isEmbedded && email.provider === 'outbox',
    sms: isEmbedded && sms.provider === 'outbox',
  };
}

function buildSnsSender(parsed: Environment): SnsSender {
  const { SNS_DLT_ENTITY_ID: entityId, SNS_DLT_TEMPLATE_ID: templateId } = parsed;
  return {
    senderId: parsed.SNS_SENDER_ID ?? null,
    originationNumber: parsed.SNS_ORIGINATION_NUMBER ?? null,
    dlt: entityId && templateId ? { entityId, templateId } : null,
  };
}

/** Builds the SMS settings from valid variables. Returns the outbox if no provider is set. */
export function buildSmsProvider(parsed: Environment): SmsProvider {
  if (parsed.SMS_PROVIDER === 'sns') {
    const logGroup = parsed.SNS_DELIVERY_LOG_GROUP ?? null;
    return { provider: 'sns', sender: buildSnsSender(parsed), logGroup };
  }
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_FROM: from } = parsed;
  const user = parsed.TWILIO_API_KEY_SID ?? accountSid;
  const password = parsed.TWILIO_API_KEY_SECRET ?? parsed.TWILIO_AUTH_TOKEN;
  if (parsed.SMS_PROVIDER !== 'twilio' || !accountSid || !from || !user || !password)
    return { provider: 'outbox' };
  const baseUrl = parsed.TWILIO_BASE_URL ?? TWILIO_BASE_URL;
  return { provider: 'twilio', account: { accountSid, login: { user, password }, from, baseUrl } };
}
