import { isLoopbackHost } from '#lib/platform/http/web-url.ts';
import type { Environment } from './environment.ts';

/** The mail server in SMTP_URL. */
export type SmtpServer = {
  host: string;
  port: number;
  /** Implicit TLS, STARTTLS, or none, which is only allowed for a server on this machine. */
  security: 'tls' | 'starttls' | 'none';
  login: { user: string; pass: string } | null;
};

/** Twilio's settings. The login is the account's own token or one of its API keys. */
export type TwilioAccount = {
  accountSid: string;
  login: { user: string; password: string };
  /** An E.164 number, an alphanumeric sender ID, or a messaging service (MG…). */
  from: string;
  /** Without a trailing slash. */
  baseUrl: string;
};

export type EmailProvider =
  | { provider: 'resend'; apiKey: string; from: string }
  | { provider: 'smtp'; server: SmtpServer; from: string }
  | { provider: 'outbox' };

export type SmsProvider =
  | { provider: 'sns'; logGroup: string | null }
  | { provider: 'twilio'; account: TwilioAccount }
  | { provider: 'outbox' };

const TWILIO_BASE_URL = 'https://api.twilio.com';
const SMTP_PORTS = { 'smtps:': 465, 'smtp:': 587 };

/** Finds mistakes in the email and SMS settings. Each is a sentence that begins with a variable's name. */
export function findProviderMistakes(parsed: Environment): string[] {
  const mistakes: string[] = [];
  const { RESEND_API_KEY, SMTP_URL, EMAIL_FROM } = parsed;
  const names = Object.entries({ RESEND_API_KEY, SMTP_URL }).filter(([, value]) => value);
  if (names.length > 1) mistakes.push('RESEND_API_KEY and SMTP_URL are both set: use only one');
  for (const [name] of EMAIL_FROM ? [] : names)
    mistakes.push(`${name} also needs EMAIL_FROM: set both or neither`);
  if (EMAIL_FROM && names.length === 0)
    mistakes.push('EMAIL_FROM also needs RESEND_API_KEY or SMTP_URL: set one of them, or remove EMAIL_FROM');
  return parsed.SMS_PROVIDER === 'twilio' ? [...mistakes, ...findTwilioMistakes(parsed)] : mistakes;
}

function findTwilioMistakes(parsed: Environment): string[] {
  const mistakes: string[] = [];
  const needed = 'is missing: SMS_PROVIDER=twilio needs it';
  if (!parsed.TWILIO_ACCOUNT_SID) mistakes.push(`TWILIO_ACCOUNT_SID ${needed}`);
  if (!parsed.TWILIO_FROM) mistakes.push(`TWILIO_FROM ${needed}`);
  const { TWILIO_AUTH_TOKEN: token, TWILIO_API_KEY_SID: key, TWILIO_API_KEY_SECRET: secret } = parsed;
  if (Boolean(key) !== Boolean(secret))
    mistakes.push('TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET belong together: set both or neither');
  else if (!token && !key)
    mistakes.push(`TWILIO_AUTH_TOKEN ${needed}, or TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET`);
  else if (token && key) mistakes.push('TWILIO_AUTH_TOKEN and TWILIO_API_KEY_SID are both set: use only one');
  return mistakes;
}

/** Finds missing providers, which are required if there is no outbox. */
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

function parseSmtpServer(smtpUrl: string): SmtpServer {
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

/** Builds the email settings from valid variables. */
export function buildEmailProvider(parsed: Environment): EmailProvider {
  const { RESEND_API_KEY: apiKey, SMTP_URL: url, EMAIL_FROM: from } = parsed;
  if (apiKey && from) return { provider: 'resend', apiKey, from };
  if (url && from) return { provider: 'smtp', server: parseSmtpServer(url), from };
  return { provider: 'outbox' };
}

/** Builds the SMS settings from valid variables. */
export function buildSmsProvider(parsed: Environment): SmsProvider {
  if (parsed.SMS_PROVIDER === 'sns')
    return { provider: 'sns', logGroup: parsed.SNS_DELIVERY_LOG_GROUP ?? null };
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_FROM: from } = parsed;
  const user = parsed.TWILIO_API_KEY_SID ?? accountSid;
  const password = parsed.TWILIO_API_KEY_SECRET ?? parsed.TWILIO_AUTH_TOKEN;
  if (parsed.SMS_PROVIDER !== 'twilio' || !accountSid || !from || !user || !password)
    return { provider: 'outbox' };
  const baseUrl = parsed.TWILIO_BASE_URL ?? TWILIO_BASE_URL;
  return { provider: 'twilio', account: { accountSid, login: { user, password }, from, baseUrl } };
}
