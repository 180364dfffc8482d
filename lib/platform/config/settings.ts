import path from 'node:path';
import type { CountryCode } from 'libphonenumber-js/max';
import { z } from 'zod';
import { parseDatabaseUrl } from '#db/database-url.ts';
import { buildLocalUrl } from '#lib/platform/http/web-url.ts';
import { normalizeName } from '#lib/platform/user-input/name.ts';
import { type Environment, environmentSchema } from './environment.ts';
import {
  buildEmailProvider,
  buildSmsProvider,
  type EmailProvider,
  findMissingProviders,
  findProviderErrors,
  type SmsProvider,
} from './provider-settings.ts';
import { SERVICE_NAMES, type ServiceName } from './services.ts';
import { buildSingleSignOn, findSsoErrors, type SingleSignOn } from './single-sign-on-settings.ts';

export type Settings = {
  port: number;
  verifierPort: number;
  host: string;
  /** The origin of all links, without a trailing slash. */
  publicUrl: string;
  /** Empty in embedded mode, except in the services: `npm start` passes them the URL of the database it has started. */
  databaseUrl: string;
  /** URL with the role that migrates and grants privileges, if another one than `databaseUrl`. Services do not get it. */
  databaseOwnerUrl: string | undefined;
  /** The verifier's database for key lookups: `databaseUrl` or a synchronous standby (docs/explanation/scaling.md). */
  lookupDatabaseUrl: string;
  /** Whether `npm start` runs an embedded PostgreSQL. Only this mode has an outbox. */
  isEmbedded: boolean;
  /** Absolute path of STAGEDOOR_DATA. */
  dataFolder: string;
  /** May be empty in the verifier, which signs nothing, and in `npm start`, which can generate the secret itself. */
  authSecret: string;
  organisationName: string;
  organisationCountry: CountryCode;
  /** IANA name. The daily limits of SMS begin at midnight there. */
  organisationTimeZone: string;
  firstAdminEmail: string;
  firstAdminPassword: string | undefined;
  /**
   * In web, outside development: whether FIRST_ADMIN_PASSWORD was set for `npm start`, which withholds it from web. If
   * false, the terminal shows the first password.
   */
  hasFirstPassword: boolean;
  email: EmailProvider;
  /** Verifies the signatures of Resend's webhooks. Null disables the route. */
  resendWebhookSecret: string | null;
  sms: SmsProvider;
  apiKeyTag: string;
  /** What the page that shows a key says about the organisation's API. */
  api: {
    /** Null if it is not set. */
    baseUrl: string | null;
    docsUrl: string | null;
    /** The person or team that integrators may contact. Null: the administrator who started the key delivery. */
    contact: { name: string; email: string } | null;
  };
  /** Where web reaches the verifier, without a trailing slash and without `/verify`. */
  verifierUrl: string;
  /** If true, users without a second factor can only set one up. */
  isSecondFactorRequired: boolean;
  /** Null if no OpenID provider is configured. */
  singleSignOn: SingleSignOn | null;
  /** If false, users can sign in with single sign-on only: passwords, passkeys and TOTP codes are disabled. */
  isLocalAuthEnabled: boolean;
  /** How many trusted proxies in front of the web service add to X-Forwarded-For. 0 ignores the header. */
  trustedProxies: number;
  /** How many trusted proxies in front of the verifier add to X-Forwarded-For. 0 ignores the header. */
  verifierTrustedProxies: number;
  /** How many processes verify keys on this machine. */
  verifierWorkers: number;
  /** How long audit log entries are kept. Null keeps them forever. */
  auditRetentionDays: number | null;
  /** Where GitHub publishes the keys that sign its reports of leaked keys. Null: signatures are not verified. */
  githubKeysUrl: string | null;
  /** The verifier's rate limit for accounts without a limit of their own. Null: no limit. */
  requestsPerMinute: number | null;
  /** How many unknown keys an IP address may try per minute before the verifier responds 429. */
  unknownKeysPerMinute: number;
  /** Whether webhook endpoints may have addresses of private networks. */
  isPrivateWebhookAllowed: boolean;
};

type Variables = Record<string, string | undefined>;

/** Removes blank variables, so that `.env` files can list all of them. */
function removeBlank(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value && normalizeName(value)));
}

/** Finds errors in DATABASE_OWNER_URL, because of which the audit log would not be protected. */
function findOwnerErrors({ DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl }: Environment): string[] {
  if (!url || !ownerUrl) return [];
  const [app, owner] = [parseDatabaseUrl(url), parseDatabaseUrl(ownerUrl)];
  if (app.database !== owner.database)
    return ['DATABASE_OWNER_URL must name the same database as DATABASE_URL'];
  if (app.user !== owner.user) return [];
  return ['DATABASE_OWNER_URL must name a different user than DATABASE_URL'];
}

/**
 * Finds database URLs without `sslmode` although PGSSLMODE asks for TLS. Earlier versions read it, so a connection would
 * be without TLS after an update.
 */
function findTlsErrors({ PGSSLMODE: mode }: Variables, parsed: Environment): string[] {
  if (!mode || mode === 'disable' || mode === 'allow') return [];
  const names = ['DATABASE_URL', 'DATABASE_OWNER_URL', 'VERIFIER_DATABASE_URL'] as const;
  return names
    .filter((name) => {
      const url = parsed[name];
      if (!url || /[?&]ssl(mode)?=/.test(url)) return false;
      const { tls, host } = parseDatabaseUrl(url);
      return tls === null && !host.startsWith('/');
    })
    .map(
      (name) =>
        `${name} must have sslmode, because PGSSLMODE is ignored: add sslmode=verify-full or sslmode=disable`,
    );
}

/** Finds errors in combinations of variables. Each is a sentence that begins with a variable's name. */
function findCombinationErrors(
  variables: Variables,
  parsed: Environment,
  service: ServiceName | 'all',
  isEmbedded: boolean,
): string[] {
  const errors: string[] = [];
  const needsSecrets = service !== 'verifier';
  if (service === 'all' && parsed.PORT === parsed.VERIFIER_PORT)
    errors.push('VERIFIER_PORT must differ from PORT');
  if (needsSecrets) errors.push(...findProviderErrors(parsed), ...findSsoErrors(parsed));
  if (isEmbedded) return errors;
  errors.push(...findOwnerErrors(parsed), ...findTlsErrors(variables, parsed));
  if (!parsed.DATABASE_URL) errors.push('DATABASE_URL is missing');
  if (needsSecrets && !parsed.AUTH_SECRET) {
    errors.push('AUTH_SECRET is missing: with DATABASE_URL set, web and worker need the same one');
  }
  if (needsSecrets) errors.push(...findMissingProviders(parsed));
  return errors;
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
    isEmbedded,
    dataFolder: path.resolve(parsed.STAGEDOOR_DATA),
    authSecret: parsed.AUTH_SECRET ?? '',
    organisationName: parsed.ORGANISATION_NAME,
    organisationCountry: parsed.ORGANISATION_COUNTRY,
    organisationTimeZone: parsed.ORGANISATION_TIME_ZONE,
    firstAdminEmail: parsed.FIRST_ADMIN_EMAIL,
    firstAdminPassword: parsed.FIRST_ADMIN_PASSWORD,
    hasFirstPassword: parsed.STAGEDOOR_FIRST_PASSWORD_GIVEN === '1',
    email: buildEmailProvider(parsed),
    resendWebhookSecret: parsed.RESEND_WEBHOOK_SECRET ?? null,
    sms: buildSmsProvider(parsed),
    apiKeyTag: parsed.API_KEY_TAG,
    api: {
      baseUrl: parsed.API_BASE_URL ?? null,
      docsUrl: parsed.API_DOCS_URL ?? null,
      contact: parsed.API_CONTACT ?? null,
    },
    verifierUrl: parsed.VERIFIER_URL ?? buildLocalUrl(parsed.HOST, parsed.VERIFIER_PORT),
    singleSignOn: buildSingleSignOn(parsed),
    isLocalAuthEnabled: parsed.PASSWORD_SIGN_IN === '1',
    isSecondFactorRequired: parsed.REQUIRE_SECOND_FACTOR === '1',
    trustedProxies: parsed.TRUSTED_PROXIES,
    verifierTrustedProxies: parsed.VERIFIER_TRUSTED_PROXIES,
    verifierWorkers: parsed.VERIFIER_WORKERS,
    auditRetentionDays: parsed.AUDIT_RETENTION_DAYS ?? null,
    githubKeysUrl: parsed.GITHUB_SECRET_SCANNING === '1' ? parsed.GITHUB_SECRET_SCANNING_KEYS_URL : null,
    requestsPerMinute: parsed.REQUESTS_PER_MINUTE ?? null,
    unknownKeysPerMinute: parsed.UNKNOWN_KEYS_PER_MINUTE,
    isPrivateWebhookAllowed: parsed.WEBHOOK_ALLOW_PRIVATE === '1',
  };
}

/**
 * Parses the settings of `docs/reference/settings.md` from environment variables.
 *
 * Embedded mode applies if DATABASE_URL is not set, but not to a service that runs alone: that one reports the variable
 * as missing. The child processes of `npm start` get the DATABASE_URL of the embedded database;
 * STAGEDOOR_EMBEDDED marks embedded mode for them.
 * Returns either the errors of single variables, or those of their combinations: the latter need valid variables.
 * @param service the service that runs or starts alone in this process; `all` otherwise, such as for a plain `npm start`
 * @returns the settings, or errors, each as a sentence that begins with the variable's name
 */
export function parseSettings(
  environment: Variables,
  service: ServiceName | 'all',
): { ok: true; settings: Settings } | { ok: false; errors: string[] } {
  const variables = removeBlank(environment);
  const result = environmentSchema.safeParse(variables);
  if (!result.success) {
    const errors = result.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`);
    return { ok: false, errors };
  }
  const parsed = result.data;
  const isEmbedded = parsed.STAGEDOOR_EMBEDDED === '1' || (!parsed.DATABASE_URL && service === 'all');
  const errors = findCombinationErrors(variables, parsed, service, isEmbedded);
  return errors.length > 0
    ? { ok: false, errors }
    : { ok: true, settings: buildSettings(parsed, isEmbedded) };
}

let cachedSettings: Settings | undefined;

/**
 * Returns this process's settings. Parses the environment once.
 * @throws if the environment is invalid; the message lists the errors that `parseSettings` found
 */
export function settings(): Settings {
  if (cachedSettings) return cachedSettings;
  const service = z.enum(SERVICE_NAMES).safeParse(process.env.STAGEDOOR_SERVICE).data ?? 'all';
  const result = parseSettings(process.env, service);
  if (!result.ok) throw new Error(result.errors.join('\n'));
  cachedSettings = result.settings;
  return cachedSettings;
}

/** Makes the next call of `settings` parse the environment again. For tests. */
export function resetSettings(): void {
  cachedSettings = undefined;
}
