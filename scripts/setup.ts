import { findDatabaseProblem, findTimeZoneProblem } from '#db/check-database.ts';
import type { ServiceName } from '#lib/platform/config/services.ts';
import { parseSettings, type Settings } from '#lib/platform/config/settings.ts';
import { getOutboxWarning, hasOutbox } from '#lib/platform/http/outbox-access.ts';
import { deriveKey } from '#lib/platform/signed-tokens/derive-key.ts';
import { type BuildTarget, findUnbuilt } from './checkout.ts';
import type { ServicePlan } from './services.ts';
import { CliError } from './terminal.ts';

// Runs as a child process at startup only, so that the modules it loads do not stay in the supervisor's memory.
// Slow modules are imported when needed, so that invalid settings are reported immediately.

/** What the supervisor needs to start the services and print the welcome message. */
export type StartPlan = ServicePlan & { hasOutbox: boolean; outboxWarning: string | null };

let settings: Settings;

/** Creates the first administrator unless one exists, and in development also example accounts. Returns how to sign in. */
async function createAdministrator(options: {
  databaseUrl: string;
  isDevelopment: boolean;
}): Promise<string> {
  const { connectDatabase } = await import('#db/client.ts');
  const { createFirstAdministrator } = await import('#lib/identity/users/first-administrator.ts');
  const { firstAdminEmail: email, firstAdminPassword: password } = settings;
  const { database, close } = connectDatabase(options.databaseUrl);
  try {
    const result = await createFirstAdministrator(database, { email, password });
    if (options.isDevelopment) {
      const { createExampleAccounts } = await import('./example-accounts.ts');
      await createExampleAccounts(database, email);
      return `Sign in with ${email} and the password ${password}.`;
    }
    if (!result.created) return 'Sign in with the email address and password of an administrator.';
    if (password) return `Sign in with ${email} and the password in FIRST_ADMIN_PASSWORD.`;
    return `Sign in with ${result.email} and the password ${result.password} (shown only once).`;
  } finally {
    await close();
  }
}

/** Derives the password of the services' role from the superuser's, so that it does not need to be stored. */
const deriveAppPassword = (superuserUrl: string) =>
  deriveKey(new URL(superuserUrl).password, 'stagedoor/app-role', 24).toString('base64url');

const STEPS = {
  /** Reads the settings for one service or all. */
  async readSettings(service: ServiceName | 'all'): Promise<StartPlan> {
    const result = parseSettings(process.env, service);
    if (!result.ok)
      throw new CliError(
        ['Correct these settings and start Stagedoor again:', ...result.errors].join('\n  '),
      );
    settings = result.settings;
    const { port, verifierPort, host, publicUrl, isEmbedded, dataFolder, databaseUrl, authSecret } = settings;
    return {
      ...{ port, verifierPort, host, publicUrl, isEmbedded, dataFolder, databaseUrl, authSecret },
      hasOutbox: hasOutbox(settings),
      outboxWarning: getOutboxWarning(settings),
    };
  },
  findUnbuilt: (targets: BuildTarget[]) => findUnbuilt(process.cwd(), targets),
  async checkDatabase(url: string): Promise<void> {
    const { databaseOwnerUrl: ownerUrl, organisationTimeZone } = settings;
    const problem =
      (await findDatabaseProblem(url)) ??
      (ownerUrl ? await findDatabaseProblem(ownerUrl, 'DATABASE_OWNER_URL') : undefined) ??
      (await findTimeZoneProblem(url, organisationTimeZone));
    if (problem) throw new CliError(problem);
  },
  /** Checks that the verifier looks up keys in the database. */
  async checkVerifier(databaseUrl: string): Promise<void> {
    const { findVerifierProblem } = await import('./check-verifier.ts');
    const problem = await findVerifierProblem(settings, databaseUrl);
    if (problem) throw new CliError(problem);
  },
  /** Migrates the database and returns the URL for the services. */
  async migrate(databaseUrl: string): Promise<string> {
    const { migrateAndGrant } = await import('#db/migrate.ts');
    const { isEmbedded, databaseOwnerUrl, auditRetentionDays } = settings;
    const ownerUrl = isEmbedded ? undefined : databaseOwnerUrl;
    const appPassword = isEmbedded ? deriveAppPassword(databaseUrl) : undefined;
    try {
      const mayPrune = auditRetentionDays !== null;
      const { url, warning } = await migrateAndGrant({ databaseUrl, ownerUrl, appPassword, mayPrune });
      if (warning) console.log(`  ${warning}`);
      return url;
    } catch (error) {
      throw new CliError(`The database couldn't be migrated: ${(error as Error).message}`, { cause: error });
    }
  },
  createAdministrator,
};
export type SetupSteps = typeof STEPS;

type Request = { step: keyof SetupSteps; argument: never };
process.on('message', async ({ step, argument }: Request) => {
  try {
    process.send?.({ result: await STEPS[step](argument) });
  } catch (error) {
    const { message, stack } = error as Error;
    process.send?.(error instanceof CliError ? { advice: message } : { failure: stack ?? message });
  }
});
process.on('disconnect', () => process.exit());
// The parent process decides when to stop.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
