import { isLoopbackHost } from '#lib/platform/http/web-url.ts';
import type { Environment } from './environment.ts';

/** A mail server, as SMTP_URL names it. */
export type SmtpServer = {
  host: string;
  port: number;
  /** What keeps the connection secret: TLS from the start, STARTTLS, or nothing, which only this machine itself may have. */
  security: 'tls' | 'starttls' | 'none';
  login: { user: string; pass: string } | null;
};

/** Whose credentials Twilio is asked with: the account's own token, or an API key of the account. */
export type TwilioAccount = {
  accountSid: string;
  login: { user: string; password: string };
  /** An E.164 number, a name, or a messaging service (MG…). */
  from: string;
  /** Without a slash at its end. */
  baseUrl: string;
};

/** Who hands emails on. */
export type EmailProvider =
  | { provider: 'resend'; apiKey: string; from: string }
  | { provider: 'smtp'; server: SmtpServer; from: string }
  | { provider: 'outbox' };

/** Who hands texts on. */
export type SmsProvider =
  | { provider: 'sns'; logGroup: string | null }
  | { provider: 'twilio'; account: TwilioAccount }
  | { provider: 'outbox' };

const TWILIO = 'https://api.twilio.com';
const PORTS = { 'smtps:': 465, 'smtp:': 587 };

/** What a mistake in the settings of the providers is, each as a sentence that begins with a variable's name. */
export function mistakesInProviders(parsed: Environment): string[] {
  const mistakes: string[] = [];
  const { RESEND_API_KEY, SMTP_URL, EMAIL_FROM } = parsed;
  const names = Object.entries({ RESEND_API_KEY, SMTP_URL }).filter(([, value]) => value);
  if (names.length > 1) mistakes.push('RESEND_API_KEY and SMTP_URL are both set: choose one of them');
  for (const [name] of EMAIL_FROM ? [] : names)
    mistakes.push(`${name} and EMAIL_FROM go together: set both, or neither`);
  if (EMAIL_FROM && names.length === 0)
    mistakes.push('EMAIL_FROM goes together with RESEND_API_KEY or SMTP_URL: set one of them, or none');
  return parsed.SMS_PROVIDER === 'twilio' ? [...mistakes, ...mistakesAtTwilio(parsed)] : mistakes;
}

function mistakesAtTwilio(parsed: Environment): string[] {
  const mistakes: string[] = [];
  const needed = 'is missing: SMS_PROVIDER=twilio needs it';
  if (!parsed.TWILIO_ACCOUNT_SID) mistakes.push(`TWILIO_ACCOUNT_SID ${needed}`);
  if (!parsed.TWILIO_FROM) mistakes.push(`TWILIO_FROM ${needed}`);
  const { TWILIO_AUTH_TOKEN: token, TWILIO_API_KEY_SID: key, TWILIO_API_KEY_SECRET: secret } = parsed;
  if (Boolean(key) !== Boolean(secret))
    mistakes.push('TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET go together: set both, or neither');
  else if (!token && !key) mistakes.push(`TWILIO_AUTH_TOKEN ${needed}, or else an API key of Twilio's`);
  else if (token && key)
    mistakes.push('TWILIO_AUTH_TOKEN and TWILIO_API_KEY_SID are both set: choose one of them');
  return mistakes;
}

/** What is missing where there is no outbox. */
export function missingProviders(parsed: Environment): string[] {
  const missing: string[] = [];
  if (!parsed.RESEND_API_KEY && !parsed.SMTP_URL && !parsed.EMAIL_FROM)
    missing.push(
      'RESEND_API_KEY (or SMTP_URL) and EMAIL_FROM are missing: with DATABASE_URL set, there is no outbox',
    );
  if (parsed.SMS_PROVIDER !== 'sns' && parsed.SMS_PROVIDER !== 'twilio')
    missing.push('SMS_PROVIDER must be sns or twilio: with DATABASE_URL set, there is no outbox');
  return missing;
}

function smtpServer(text: string): SmtpServer {
  const url = new URL(text);
  const secure = url.protocol === 'smtps:';
  const port = url.port ? Number(url.port) : PORTS[secure ? 'smtps:' : 'smtp:'];
  const local = isLoopbackHost(url.hostname);
  const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    security: secure ? 'tls' : local ? 'none' : 'starttls',
    login: user ? { user, pass } : null,
  };
}

/** Who hands emails on, by settings without a mistake. */
export function emailProvider(parsed: Environment): EmailProvider {
  const { RESEND_API_KEY: apiKey, SMTP_URL: url, EMAIL_FROM: from } = parsed;
  if (apiKey && from) return { provider: 'resend', apiKey, from };
  if (url && from) return { provider: 'smtp', server: smtpServer(url), from };
  return { provider: 'outbox' };
}

/** Who hands texts on, by settings without a mistake. */
export function smsProvider(parsed: Environment): SmsProvider {
  if (parsed.SMS_PROVIDER === 'sns')
    return { provider: 'sns', logGroup: parsed.SNS_DELIVERY_LOG_GROUP ?? null };
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_FROM: from } = parsed;
  const user = parsed.TWILIO_API_KEY_SID ?? accountSid;
  const password = parsed.TWILIO_API_KEY_SECRET ?? parsed.TWILIO_AUTH_TOKEN;
  if (parsed.SMS_PROVIDER !== 'twilio' || !accountSid || !from || !user || !password)
    return { provider: 'outbox' };
  const baseUrl = parsed.TWILIO_BASE_URL ?? TWILIO;
  return { provider: 'twilio', account: { accountSid, login: { user, password }, from, baseUrl } };
}
