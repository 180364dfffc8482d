import path from 'node:path';
import type { CountryCode } from 'libphonenumber-js/max';
import { z } from 'zod';
import { environmentSchema, type Environment as Parsed } from './environment.ts';
import {
  type EmailProvider,
  emailProvider,
  missingProviders,
  mistakesInProviders,
  type SmsProvider,
  smsProvider,
} from './provider-settings.ts';
import { mistakesInSso, type SingleSignOn, singleSignOn } from './single-sign-on-settings.ts';

/** Which process asks: each needs only the settings of its own work. */
export type ServiceName = 'web' | 'verifier' | 'worker';

export type Settings = {
  port: number;
  verifierPort: number;
  host: string;
  /** What links begin with; no slash at its end. */
  publicUrl: string;
  databaseUrl: string;
  /** Who migrates and grants, where that is not the user of `databaseUrl`. Only the starter knows it. */
  databaseOwnerUrl: string | undefined;
  /** Where the verifier looks keys up: `databaseUrl`, or a standby of it that is never behind (docs/scaling.md). */
  lookupDatabaseUrl: string;
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
  email: EmailProvider;
  /** What Resend signs its webhook calls with; null: there is no such route. */
  resendWebhookSecret: string | null;
  sms: SmsProvider;
  apiKeyTag: string;
  /** Whoever signs in without a second factor can do nothing but set one up. */
  requireSecondFactor: boolean;
  /** The OpenID provider at which people sign in; null: there is none. */
  singleSignOn: SingleSignOn | null;
  /** False: single sign-on is the only way in. No password, passkey or code is taken or set. */
  passwordSignIn: boolean;
  /** How many proxies in front of the web process add to X-Forwarded-For. 0: none is believed. */
  trustedProxies: number;
  /** The same for the verifier. */
  verifierTrustedProxies: number;
  /** How many days entries of the audit log are kept; null: for ever. */
  auditRetentionDays: number | null;
  /** How many requests a minute the verifier lets through for an account that has no limit of its own; null: any number. */
  requestsPerMinute: number | null;
  /** How many unknown keys a minute an address may try before the verifier answers 429 to further ones. */
  unknownKeysPerMinute: number;
};

type Environment = Record<string, string | undefined>;

/** A variable that is set to nothing counts as not set: so `.env` files can list all of them. */
function withoutBlanks(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
}

/** Two users of one database: else the audit log would be guarded from nobody, or grants go elsewhere. */
function ownerMistakes({ DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl }: Parsed): string[] {
  if (!url || !ownerUrl) return [];
  const [user, owner] = [new URL(url), new URL(ownerUrl)];
  if (user.pathname !== owner.pathname)
    return ['DATABASE_OWNER_URL must name the same database as DATABASE_URL'];
  if (user.username !== '' && user.username !== owner.username) return [];
  return ['DATABASE_OWNER_URL must name another user than DATABASE_URL, and both must name one'];
}

/** What a single variable's format cannot tell: which of them go together. */
function mistakesInCombination(parsed: Parsed, part: ServiceName | 'all', embedded: boolean): string[] {
  const mistakes: string[] = [];
  const needsSecrets = part !== 'verifier';
  if (part === 'all' && parsed.PORT === parsed.VERIFIER_PORT)
    mistakes.push('VERIFIER_PORT must differ from PORT');
  if (needsSecrets) mistakes.push(...mistakesInProviders(parsed), ...mistakesInSso(parsed));
  if (embedded) return mistakes;
  mistakes.push(...ownerMistakes(parsed));
  if (!parsed.DATABASE_URL) mistakes.push('DATABASE_URL is missing');
  if (needsSecrets && !parsed.AUTH_SECRET) {
    mistakes.push('AUTH_SECRET is missing: with DATABASE_URL set, it must be the same for web and worker');
  }
  if (needsSecrets) mistakes.push(...missingProviders(parsed));
  return mistakes;
}

function assemble(parsed: Parsed, embedded: boolean): Settings {
  return {
    port: parsed.PORT,
    verifierPort: parsed.VERIFIER_PORT,
    host: parsed.HOST,
    publicUrl: parsed.PUBLIC_URL ?? `http://localhost:${parsed.PORT}`,
    databaseUrl: parsed.DATABASE_URL ?? '',
    databaseOwnerUrl: parsed.DATABASE_OWNER_URL,
    lookupDatabaseUrl: parsed.VERIFIER_DATABASE_URL ?? parsed.DATABASE_URL ?? '',
    embedded,
    dataFolder: path.resolve(parsed.STAGEDOOR_DATA),
    authSecret: parsed.AUTH_SECRET ?? '',
    organisationName: parsed.ORGANISATION_NAME,
    organisationCountry: parsed.ORGANISATION_COUNTRY,
    firstAdminEmail: parsed.FIRST_ADMIN_EMAIL,
    firstAdminPassword: parsed.FIRST_ADMIN_PASSWORD,
    email: emailProvider(parsed),
    resendWebhookSecret: parsed.RESEND_WEBHOOK_SECRET ?? null,
    sms: smsProvider(parsed),
    apiKeyTag: parsed.API_KEY_TAG,
    singleSignOn: singleSignOn(parsed),
    passwordSignIn: parsed.PASSWORD_SIGN_IN === '1',
    requireSecondFactor: parsed.REQUIRE_SECOND_FACTOR === '1',
    trustedProxies: parsed.TRUSTED_PROXIES,
    verifierTrustedProxies: parsed.VERIFIER_TRUSTED_PROXIES,
    auditRetentionDays: parsed.AUDIT_RETENTION_DAYS ?? null,
    requestsPerMinute: parsed.REQUESTS_PER_MINUTE ?? null,
    unknownKeysPerMinute: parsed.UNKNOWN_KEYS_PER_MINUTE,
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
  part: ServiceName | 'all',
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

/** Makes the next call of `settings` read the environment again. For tests. */
export function resetSettings(): void {
  present = undefined;
}
