import path from 'node:path';
import type { CountryCode } from 'libphonenumber-js/max';
import { z } from 'zod';
import { type Environment, environmentSchema } from './environment.ts';
import {
  buildEmailProvider,
  buildSmsProvider,
  type EmailProvider,
  findMissingProviders,
  findProviderMistakes,
  type SmsProvider,
} from './provider-settings.ts';
import { SERVICE_NAMES, type ServiceName } from './services.ts';
import { buildSingleSignOn, findSsoMistakes, type SingleSignOn } from './single-sign-on-settings.ts';

export type Settings = {
  port: number;
  verifierPort: number;
  host: string;
  /** The origin of all links, without a trailing slash. */
  publicUrl: string;
  databaseUrl: string;
  /** The user that migrates and grants privileges, if it differs from that of `databaseUrl`. Only the supervisor has it. */
  databaseOwnerUrl: string | undefined;
  /** For key lookups in the verifier: `databaseUrl` or a synchronous standby of it (docs/explanation/scaling.md). */
  lookupDatabaseUrl: string;
  /** Whether `npm start` runs an embedded PostgreSQL. Only this mode has an outbox. */
  embedded: boolean;
  /** Absolute path of STAGEDOOR_DATA. */
  dataFolder: string;
  /** Empty in the verifier, which does not sign anything. */
  authSecret: string;
  organisationName: string;
  organisationCountry: CountryCode;
  firstAdminEmail: string;
  firstAdminPassword: string | undefined;
  /** Whether FIRST_ADMIN_PASSWORD is set, for web, which does not get the password itself. */
  firstPasswordGiven: boolean;
  email: EmailProvider;
  /** Verifies the signatures of Resend's webhooks. Null disables the route. */
  resendWebhookSecret: string | null;
  sms: SmsProvider;
  apiKeyTag: string;
  /** Users without a second factor can only set one up. */
  requireSecondFactor: boolean;
  /** The OpenID provider, if any. */
  singleSignOn: SingleSignOn | null;
  /** If false, users can sign in with single sign-on only. Passwords, passkeys and codes are disabled. */
  passwordSignIn: boolean;
  /** How many trusted proxies in front of the web service add to X-Forwarded-For. 0 ignores the header. */
  trustedProxies: number;
  /** The same for the verifier. */
  verifierTrustedProxies: number;
  /** How long audit log entries are kept. Null keeps them forever. */
  auditRetentionDays: number | null;
  /** The verifier's rate limit for accounts without a limit of their own. Null: no limit. */
  requestsPerMinute: number | null;
  /** How many unknown keys an address may try per minute before the verifier responds 429. */
  unknownKeysPerMinute: number;
};

type Variables = Record<string, string | undefined>;

/** Removes blank variables, so that `.env` files can list all of them. */
function removeBlank(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value?.trim()));
}

/** Finds owner settings under which the audit log would not be protected. */
function findOwnerMistakes({ DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl }: Environment): string[] {
  if (!url || !ownerUrl) return [];
  const [user, owner] = [new URL(url), new URL(ownerUrl)];
  if (user.pathname !== owner.pathname)
    return ['DATABASE_OWNER_URL must name the same database as DATABASE_URL'];
  if (user.username !== '' && user.username !== owner.username) return [];
  return ['DATABASE_OWNER_URL must name a different user than DATABASE_URL, and both must name one'];
}

/** Finds mistakes in combinations of variables. */
function findCombinationMistakes(
  parsed: Environment,
  service: ServiceName | 'all',
  isEmbedded: boolean,
): string[] {
  const mistakes: string[] = [];
  const needsSecrets = service !== 'verifier';
  if (service === 'all' && parsed.PORT === parsed.VERIFIER_PORT)
    mistakes.push('VERIFIER_PORT must differ from PORT');
  if (needsSecrets) mistakes.push(...findProviderMistakes(parsed), ...findSsoMistakes(parsed));
  if (isEmbedded) return mistakes;
  mistakes.push(...findOwnerMistakes(parsed));
  if (!parsed.DATABASE_URL) mistakes.push('DATABASE_URL is missing');
  if (needsSecrets && !parsed.AUTH_SECRET) {
    mistakes.push('AUTH_SECRET is missing: with DATABASE_URL set, web and worker need the same one');
  }
  if (needsSecrets) mistakes.push(...findMissingProviders(parsed));
  return mistakes;
}

function buildSettings(parsed: Environment, isEmbedded: boolean): Settings {
  return {
    port: parsed.PORT,
    verifierPort: parsed.VERIFIER_PORT,
    host: parsed.HOST,
    publicUrl: parsed.PUBLIC_URL ?? `http://localhost:${parsed.PORT}`,
    databaseUrl: parsed.DATABASE_URL ?? '',
    databaseOwnerUrl: parsed.DATABASE_OWNER_URL,
    lookupDatabaseUrl: parsed.VERIFIER_DATABASE_URL ?? parsed.DATABASE_URL ?? '',
    embedded: isEmbedded,
    dataFolder: path.resolve(parsed.STAGEDOOR_DATA),
    authSecret: parsed.AUTH_SECRET ?? '',
    organisationName: parsed.ORGANISATION_NAME,
    organisationCountry: parsed.ORGANISATION_COUNTRY,
    firstAdminEmail: parsed.FIRST_ADMIN_EMAIL,
    firstAdminPassword: parsed.FIRST_ADMIN_PASSWORD,
    firstPasswordGiven: parsed.STAGEDOOR_FIRST_PASSWORD_GIVEN === '1',
    email: buildEmailProvider(parsed),
    resendWebhookSecret: parsed.RESEND_WEBHOOK_SECRET ?? null,
    sms: buildSmsProvider(parsed),
    apiKeyTag: parsed.API_KEY_TAG,
    singleSignOn: buildSingleSignOn(parsed),
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
 * Parses the settings of `docs/reference/settings.md` from environment variables.
 *
 * Embedded mode applies if DATABASE_URL is not set. `npm start` sets STAGEDOOR_EMBEDDED for its child processes, whose
 * DATABASE_URL is that of the embedded database.
 * @returns the settings, or all mistakes, each as a sentence that begins with the variable's name
 */
export function parseSettings(
  environment: Variables,
  service: ServiceName | 'all',
): { ok: true; settings: Settings } | { ok: false; mistakes: string[] } {
  const result = environmentSchema.safeParse(removeBlank(environment));
  if (!result.success) {
    const mistakes = result.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`);
    return { ok: false, mistakes };
  }
  const parsed = result.data;
  const isEmbedded = parsed.STAGEDOOR_EMBEDDED === '1' || (!parsed.DATABASE_URL && service === 'all');
  const mistakes = findCombinationMistakes(parsed, service, isEmbedded);
  return mistakes.length > 0
    ? { ok: false, mistakes }
    : { ok: true, settings: buildSettings(parsed, isEmbedded) };
}

let cached: Settings | undefined;

/**
 * Returns this process's settings. Parses the environment once.
 * @throws an error whose message lists all mistakes; services print it and exit
 */
export function settings(): Settings {
  if (cached) return cached;
  const service = z.enum(SERVICE_NAMES).safeParse(process.env.STAGEDOOR_SERVICE).data ?? 'all';
  const result = parseSettings(process.env, service);
  if (!result.ok) throw new Error(result.mistakes.join('\n'));
  cached = result.settings;
  return cached;
}

/** Makes the next call of `settings` parse the environment again. For tests. */
export function resetSettings(): void {
  cached = undefined;
}
