import { getCountries } from 'libphonenumber-js/max';
import { z } from 'zod';
import { findDatabaseUrlProblem } from '#db/database-url.ts';
import { isHttpsOrLoopbackUrl, isLoopbackHost, isPageUrl, isServiceUrl } from '#lib/platform/http/web-url.ts';
import { isEmailAddress, normalizeEmail } from '#lib/platform/user-input/email.ts';
import { describeUnprintable, normalizeName } from '#lib/platform/user-input/name.ts';
import { normalizePhone } from '#lib/platform/user-input/phone.ts';
import { MAX_REQUESTS_PER_MINUTE } from './limits.ts';

/** With a longer host name, the authentication code would not fit into one SMS. */
const MAX_HOST_LENGTH = 100;

function isPublicUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.username || url.password || url.search || url.hash || url.pathname !== '/') return false;
  if (url.hostname.length > MAX_HOST_LENGTH) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

function isSmtpUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') || !url.hostname) return false;
  if (Boolean(url.username) !== Boolean(url.password)) return false;
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    return false;
  }
  return (url.pathname === '' || url.pathname === '/') && !url.search && !url.hash;
}

/** `access@example.org` or `Access <access@example.org>`. Rejects line breaks, which would allow header injection. */
const EMAIL_SENDER = /^(?:[^<>\r\n]*<[^<>\s@,;]+@[^<>\s@,;]+>|[^<>\s@,;]+@[^<>\s@,;]+)$/;
const buildTwilioIdPattern = (prefix: string) => new RegExp(`^${prefix}[0-9a-fA-F]{32}$`);
/** A phone number, an alphanumeric sender ID with at least one letter, or the SID of a Messaging Service. */
const TWILIO_SENDER = /^(?:\+[1-9]\d{6,14}|MG[0-9a-fA-F]{32}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/;
/** 3 to 11 letters, digits and inner hyphens, with at least one letter, as Amazon SNS requires. */
const SNS_SENDER_ID = /^(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9-]{1,9}[A-Za-z0-9]$/;
/** An id from India's registration of senders and texts (DLT). */
const dltIdSchema = z.string().regex(/^[\w-]{1,50}$/, { error: 'must be 1 to 50 letters and digits' });
/** 500 characters, so that `/Failure` can be appended within CloudWatch's limit of 512. */
const LOG_GROUP = /^(?!.*\/Failure$)[\w./#-]{1,500}$/;

function createWholeNumberSchema(from: number, to: number) {
  const error = `must be a whole number from ${from} to ${to}`;
  return z
    .string()
    .regex(/^\d{1,7}$/, { error })
    .transform(Number)
    .refine((value) => value >= from && value <= to, { error });
}

/** Unlike `Intl`, accepts no offsets: PostgreSQL reads those with the opposite sign. */
function isTimeZone(name: string): boolean {
  if (!/^(?:UTC|[A-Za-z]+(?:\/[A-Za-z0-9_+-]+)+)$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const databaseUrlSchema = z.string().superRefine((text, context) => {
  const message = findDatabaseUrlProblem(text);
  if (message) context.addIssue({ code: 'custom', message });
});

/** Creates a schema for a name that users read. The length is in code points. */
const createDisplayNameSchema = (maxLength: number) =>
  z
    .string()
    .transform(normalizeName)
    .refine((name) => [...name].length <= maxLength, { error: `must have ${maxLength} characters or fewer` })
    .refine((name) => describeUnprintable(name) === undefined, {
      error: 'has a character that can’t be displayed',
    });

const commaSeparatedSchema = z.string().transform((text) =>
  text
    .split(',')
    .map((value) => value.trim())
    .filter(Boolean),
);

/** `Ada Lovelace <api@example.org>`, which integrators see. */
const CONTACT = /^\s*([^<>]*[^<>\s])\s*<([^<>\s]+)>\s*$/;

const contactSchema = z.string().transform((text, context) => {
  const [, name = '', address = ''] = CONTACT.exec(text) ?? [];
  const email = normalizeEmail(address);
  if (name && isEmailAddress(email)) return { name, email };
  context.addIssue({
    code: 'custom',
    message: 'must be a name and an email address: Ada Lovelace <api@example.org>',
  });
  return z.NEVER;
});

/** Validates each variable of `docs/reference/settings.md` separately. `parseSettings` validates their combinations. */
export const environmentSchema = z.object({
  PORT: createWholeNumberSchema(1, 65_535).default(3000),
  VERIFIER_PORT: createWholeNumberSchema(1, 65_535).default(3001),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: z
    .string()
    .refine(isPublicUrl, {
      error:
        'must be an https address with a host of at most 100 characters and without a path, such as https://access.example.org (http is allowed for localhost)',
    })
    .transform((text) => new URL(text).origin)
    .optional(),
  DATABASE_URL: databaseUrlSchema.optional(),
  DATABASE_OWNER_URL: databaseUrlSchema.optional(),
  STAGEDOOR_DATA: z.string().default('.stagedoor'),
  // Only `npm start` sets the next two, for its services. The second tells web that FIRST_ADMIN_PASSWORD is set, but not
  // the password.
  STAGEDOOR_EMBEDDED: z.enum(['1']).optional(),
  STAGEDOOR_FIRST_PASSWORD_GIVEN: z.enum(['1']).optional(),
  AUTH_SECRET: z.string().min(32, { error: 'must have at least 32 random characters' }).optional(),
  ORGANISATION_NAME: createDisplayNameSchema(100).default('Stagedoor'),
  ORGANISATION_COUNTRY: z
    .enum(getCountries(), { error: 'must be a two-letter country code, such as GB' })
    .default('GB'),
  ORGANISATION_TIME_ZONE: z
    .string()
    .refine(isTimeZone, { error: 'must be the name of an IANA time zone, such as Europe/London' })
    .default('UTC'),
  FIRST_ADMIN_EMAIL: z
    .string()
    .transform(normalizeEmail)
    .refine(isEmailAddress, { error: 'must be an email address' })
    .default('admin@example.com'),
  FIRST_ADMIN_PASSWORD: z
    .string()
    .min(8, { error: 'must have at least 8 characters' })
    .max(256, { error: 'must have 256 characters or fewer' })
    .optional(),
  RESEND_API_KEY: z.string().optional(),
  RESEND_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_(?:[A-Za-z0-9+/]{4}){5,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, {
      error: 'must be the signing secret of the Resend webhook, which starts with whsec_',
    })
    .optional(),
  SMTP_URL: z
    .string()
    .refine(isSmtpUrl, {
      error:
        'must look like smtps://user:password@mail.example.org or smtp://user:password@mail.example.org:587, with user and password percent-encoded',
    })
    .optional(),
  EMAIL_FROM: z
    .string()
    .regex(EMAIL_SENDER, {
      error: 'must be an email address, or a name and an email address: Access <access@example.org>',
    })
    .transform(normalizeName)
    .optional(),
  SMS_PROVIDER: z.enum(['outbox', 'sns', 'twilio'], { error: 'must be sns, twilio or outbox' }).optional(),
  SNS_DELIVERY_LOG_GROUP: z
    .string()
    .regex(LOG_GROUP, {
      error: 'must be the name of a CloudWatch log group, without /Failure at the end',
    })
    .optional(),
  SNS_SENDER_ID: z
    .string()
    .regex(SNS_SENDER_ID, {
      error: 'must be 3 to 11 letters, digits and hyphens, with at least one letter and no hyphen at an end',
    })
    .optional(),
  SNS_ORIGINATION_NUMBER: z
    .string()
    .transform(normalizePhone)
    .refine((number) => /^\+?\d{5,14}$/.test(number), { error: 'must be 5 to 14 digits, with or without +' })
    .optional(),
  SNS_DLT_ENTITY_ID: dltIdSchema.optional(),
  SNS_DLT_TEMPLATE_ID: dltIdSchema.optional(),
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(buildTwilioIdPattern('AC'), { error: 'must be AC followed by 32 hexadecimal digits' })
    .optional(),
  TWILIO_AUTH_TOKEN: z.string().optional(),
  TWILIO_API_KEY_SID: z
    .string()
    .regex(buildTwilioIdPattern('SK'), { error: 'must be SK followed by 32 hexadecimal digits' })
    .optional(),
  TWILIO_API_KEY_SECRET: z.string().optional(),
  TWILIO_FROM: z
    .string()
    .transform((text) => (text.includes('+') ? normalizePhone(text) : text))
    .refine((text) => TWILIO_SENDER.test(text), {
      error:
        'must be a phone number such as +447700900123, an alphanumeric sender ID (up to 11 letters, digits and spaces, with at least one letter), or a Messaging Service (MG…)',
    })
    .optional(),
  TWILIO_BASE_URL: z
    .string()
    .refine(isHttpsOrLoopbackUrl, { error: 'must start with https:// (http:// is allowed for localhost)' })
    .transform((text) => text.replace(/\/+$/, ''))
    .optional(),
  API_BASE_URL: z
    .string()
    .refine(isHttpsOrLoopbackUrl, {
      error:
        'must be the https address of your API without a query, such as https://api.example.org/v1 (http is allowed for localhost)',
    })
    .transform((text) => new URL(text).href)
    .optional(),
  API_DOCS_URL: z
    .string()
    .refine(isPageUrl, { error: 'must start with https:// (http:// is allowed for localhost)' })
    .transform((text) => new URL(text).href)
    .optional(),
  API_CONTACT: contactSchema.optional(),
  VERIFIER_URL: z
    .string()
    .refine(isServiceUrl, {
      error: 'must be the http or https address of the verifier, such as http://verifier.internal:3001',
    })
    // The documentation and the terminal show the verifier's address with `/verify`, so it may be copied with it.
    .transform((text) => new URL(text).href.replace(/\/+$/, '').replace(/\/verify$/, ''))
    .optional(),
  API_KEY_TAG: z
    .string()
    .regex(/^[0-9A-Za-z]{8}$/, { error: 'must be 8 letters or digits' })
    .default('stagekey'),
  REQUIRE_SECOND_FACTOR: z.enum(['0', '1'], { error: 'must be 1 or 0' }).default('0'),
  OIDC_ISSUER: z
    .string()
    .refine(isHttpsOrLoopbackUrl, { error: 'must start with https:// (http:// is allowed for localhost)' })
    .optional(),
  // Accepts a single tenant, never "common": administrators of other tenants can give their users any email address.
  OIDC_ENTRA_TENANT: z
    .guid({
      error: 'must be the directory (tenant) ID from Microsoft Entra: 32 hexadecimal digits in 5 groups',
    })
    .optional(),
  OIDC_GOOGLE_DOMAIN: z
    .string()
    .toLowerCase()
    .regex(/^(?=.{4,253}$)([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}$/, {
      error: 'must be the domain of your Google Workspace, such as example.org',
    })
    .optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  OIDC_NAME: createDisplayNameSchema(40).optional(),
  OIDC_ROLE_CLAIM: z.string().trim().optional(),
  OIDC_ADMINISTRATORS: commaSeparatedSchema.optional(),
  OIDC_VIEWERS: commaSeparatedSchema.optional(),
  PASSWORD_SIGN_IN: z.enum(['0', '1'], { error: 'must be 1 or 0' }).default('1'),
  TRUSTED_PROXIES: createWholeNumberSchema(0, 10).default(0),
  VERIFIER_TRUSTED_PROXIES: createWholeNumberSchema(0, 10).default(0),
  VERIFIER_DATABASE_URL: databaseUrlSchema.optional(),
  VERIFIER_WORKERS: createWholeNumberSchema(1, 64).default(1),
  AUDIT_RETENTION_DAYS: createWholeNumberSchema(90, 36_500).optional(),
  GITHUB_SECRET_SCANNING: z.enum(['0', '1'], { error: 'must be 1 or 0' }).default('0'),
  GITHUB_SECRET_SCANNING_KEYS_URL: z
    .string()
    .refine(isHttpsOrLoopbackUrl, { error: 'must start with https:// (http:// is allowed for localhost)' })
    .default('https://api.github.com/meta/public_keys/secret_scanning'),
  REQUESTS_PER_MINUTE: createWholeNumberSchema(1, MAX_REQUESTS_PER_MINUTE).optional(),
  UNKNOWN_KEYS_PER_MINUTE: createWholeNumberSchema(1, MAX_REQUESTS_PER_MINUTE).default(300),
  WEBHOOK_ALLOW_PRIVATE: z.enum(['0', '1'], { error: 'must be 1 or 0' }).default('0'),
});

export type Environment = z.infer<typeof environmentSchema>;
