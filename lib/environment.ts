import { getCountries } from 'libphonenumber-js/max';
import { z } from 'zod';
import { MOST_REQUESTS_PER_MINUTE } from '#lib/api-accounts/limits.ts';

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);
/** Longer host names would not leave room for the code in one text. */
const LONGEST_HOST = 100;

function isPublicUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.username || url.password || url.search || url.hash || url.pathname !== '/') return false;
  if (url.hostname.length > LONGEST_HOST) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname));
}

function isPostgresUrl(text: string): boolean {
  const protocol = URL.parse(text)?.protocol;
  return protocol === 'postgres:' || protocol === 'postgresql:';
}

function wholeNumber(from: number, to: number) {
  const error = `must be a whole number from ${from} to ${to}`;
  return z
    .string()
    .regex(/^\d{1,7}$/, { error })
    .transform(Number)
    .refine((value) => value >= from && value <= to, { error });
}

/** The variables of `docs/settings.md`, each by itself. */
export const environmentSchema = z.object({
  PORT: wholeNumber(1, 65_535).default(3000),
  VERIFIER_PORT: wholeNumber(1, 65_535).default(3001),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: z
    .string()
    .refine(isPublicUrl, {
      error:
        'must be an origin such as https://access.example.org: https, with no path (http only for localhost)',
    })
    .transform((text) => new URL(text).origin)
    .optional(),
  DATABASE_URL: z.string().refine(isPostgresUrl, { error: 'must begin with postgresql://' }).optional(),
  STAGEDOOR_DATA: z.string().default('.stagedoor'),
  STAGEDOOR_EMBEDDED: z.enum(['1']).optional(),
  AUTH_SECRET: z.string().min(32, { error: 'must have at least 32 characters, chosen at random' }).optional(),
  ORGANISATION_NAME: z.string().max(100, { error: 'must have at most 100 characters' }).default('Stagedoor'),
  ORGANISATION_COUNTRY: z
    .enum(getCountries(), { error: 'must be a country in two capital letters, such as GB' })
    .default('GB'),
  FIRST_ADMIN_EMAIL: z.email({ error: 'must be an email address' }).default('admin@example.com'),
  FIRST_ADMIN_PASSWORD: z
    .string()
    .min(8, { error: 'must have at least 8 characters' })
    .max(256, { error: 'must have at most 256 characters' })
    .optional(),
  RESEND_API_KEY: z.string().optional(),
  EMAIL_FROM: z.string().optional(),
  SMS_PROVIDER: z.enum(['outbox', 'sns'], { error: 'must be sns or outbox' }).optional(),
  API_KEY_TAG: z
    .string()
    .regex(/^[0-9A-Za-z]{8}$/, { error: 'must be 8 letters and digits' })
    .default('stagekey'),
  TRUSTED_PROXIES: wholeNumber(0, 10).default(0),
  VERIFIER_TRUSTED_PROXIES: wholeNumber(0, 10).default(0),
  VERIFIER_DATABASE_URL: z
    .string()
    .refine(isPostgresUrl, { error: 'must begin with postgresql://' })
    .optional(),
  REQUESTS_PER_MINUTE: wholeNumber(1, MOST_REQUESTS_PER_MINUTE).optional(),
  UNKNOWN_KEYS_PER_MINUTE: wholeNumber(1, MOST_REQUESTS_PER_MINUTE).default(300),
});

export type Environment = z.infer<typeof environmentSchema>;
