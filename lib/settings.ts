import path from 'node:path';
import { type CountryCode, getCountries } from 'libphonenumber-js/max';
import { z } from 'zod';

/** Which process asks: each needs only the settings of its own work. */
export type Part = 'web' | 'verifier' | 'worker';

export type Settings = {
  port: number;
  verifierPort: number;
  host: string;
  /** What links begin with; no slash at its end. */
  publicUrl: string;
  databaseUrl: string;
  /** True where `npm start` runs a PostgreSQL of its own: the only mode with an outbox. */
  embedded: boolean;
  /** Absolute path of STAGEDOOR_DATA. */
  dataFolder: string;
  /** Empty in the verifier, which signs nothing. */
  authSecret: string;
  organisationName: string;
  organisationCountry: CountryCode;
  firstAdminEmail: string;
  firstAdminPassword: string | undefined;
  email: { provider: 'resend'; apiKey: string; from: string } | { provider: 'outbox' };
  sms: { provider: 'sns' } | { provider: 'outbox' };
  apiKeyTag: string;
  /** How many proxies in front of the web process add to X-Forwarded-For. 0: none is believed. */
  trustedProxies: number;
};

type Environment = Record<string, string | undefined>;

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

function wholeNumber(from: number, to: number, fallback: number) {
  const error = `must be a whole number from ${from} to ${to}`;
  return z
    .string()
    .regex(/^\d{1,6}$/, { error })
    .transform(Number)
    .refine((value) => value >= from && value <= to, { error })
    .default(fallback);
}

const environmentSchema = z.object({
  PORT: wholeNumber(1, 65_535, 3000),
  VERIFIER_PORT: wholeNumber(1, 65_535, 3001),
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
  TRUSTED_PROXIES: wholeNumber(0, 10, 0),
});

type Parsed = z.infer<typeof environmentSchema>;

/** A variable that is set to nothing counts as not set: so `.env` files can list all of them. */
function withoutBlanks(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
}

/** What a single variable's format cannot tell: which of them go together. */
function mistakesInCombination(parsed: Parsed, part: Part | 'all', embedded: boolean): string[] {
  const mistakes: string[] = [];
  const needsSecrets = part !== 'verifier';
  if (part === 'all' && parsed.PORT === parsed.VERIFIER_PORT)
    mistakes.push('VERIFIER_PORT must differ from PORT');
  if (needsSecrets && Boolean(parsed.RESEND_API_KEY) !== Boolean(parsed.EMAIL_FROM)) {
    mistakes.push('RESEND_API_KEY and EMAIL_FROM go together: set both, or neither');
  }
  if (embedded) return mistakes;
  if (!parsed.DATABASE_URL) mistakes.push('DATABASE_URL is missing');
  if (needsSecrets && !parsed.AUTH_SECRET) {
    mistakes.push('AUTH_SECRET is missing: with DATABASE_URL set, it must be the same for web and worker');
  }
  if (needsSecrets && !parsed.RESEND_API_KEY && !parsed.EMAIL_FROM) {
    mistakes.push('RESEND_API_KEY and EMAIL_FROM are missing: with DATABASE_URL set, there is no outbox');
  }
  if (needsSecrets && parsed.SMS_PROVIDER !== 'sns') {
    mistakes.push('SMS_PROVIDER must be sns: with DATABASE_URL set, there is no outbox');
  }
  return mistakes;
}

function assemble(parsed: Parsed, embedded: boolean): Settings {
  const { RESEND_API_KEY: apiKey, EMAIL_FROM: from } = parsed;
  return {
    port: parsed.PORT,
    verifierPort: parsed.VERIFIER_PORT,
    host: parsed.HOST,
    publicUrl: parsed.PUBLIC_URL ?? `http://localhost:${parsed.PORT}`,
    databaseUrl: parsed.DATABASE_URL ?? '',
    embedded,
    dataFolder: path.resolve(parsed.STAGEDOOR_DATA),
    authSecret: parsed.AUTH_SECRET ?? '',
    organisationName: parsed.ORGANISATION_NAME,
    organisationCountry: parsed.ORGANISATION_COUNTRY,
    firstAdminEmail: parsed.FIRST_ADMIN_EMAIL,
    firstAdminPassword: parsed.FIRST_ADMIN_PASSWORD,
    email: apiKey && from ? { provider: 'resend', apiKey, from } : { provider: 'outbox' },
    sms: { provider: parsed.SMS_PROVIDER ?? 'outbox' },
    apiKeyTag: parsed.API_KEY_TAG,
    trustedProxies: parsed.TRUSTED_PROXIES,
  };
}

/**
 * Reads the settings of `docs/settings.md` out of an environment.
 *
 * Embedded mode is where DATABASE_URL is not set, or `npm start` says (by STAGEDOOR_EMBEDDED) that the
 * DATABASE_URL it hands to its children is its own.
 *
 * @returns every mistake at once, each as a sentence that begins with the variable's name
 */
export function parseSettings(
  environment: Environment,
  part: Part | 'all',
): { ok: true; settings: Settings } | { ok: false; mistakes: string[] } {
  const result = environmentSchema.safeParse(withoutBlanks(environment));
  if (!result.success) {
    const mistakes = result.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`);
    return { ok: false, mistakes };
  }
  const parsed = result.data;
  const embedded = parsed.STAGEDOOR_EMBEDDED === '1' || (!parsed.DATABASE_URL && part === 'all');
  const mistakes = mistakesInCombination(parsed, part, embedded);
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, settings: assemble(parsed, embedded) };
}

let present: Settings | undefined;

/**
 * This process's settings, read once from its environment.
 * @throws with every mistake in one message; the programs print it and stop
 */
export function settings(): Settings {
  if (present) return present;
  const part = z.enum(['web', 'verifier', 'worker']).safeParse(process.env.STAGEDOOR_PART).data ?? 'all';
  const result = parseSettings(process.env, part);
  if (!result.ok) throw new Error(result.mistakes.join('\n'));
  present = result.settings;
  return present;
}
