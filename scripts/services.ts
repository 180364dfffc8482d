import path from 'node:path';
import { buildChildEnvironment } from '#db/processes.ts';
import { type ServiceName, VERIFIER_SETTINGS } from '#lib/platform/config/services.ts';
import type { Settings } from '#lib/platform/config/settings.ts';
import { deriveKey } from '#lib/platform/signed-tokens/derive-key.ts';
import type { Service } from './supervisor.ts';

/** The settings that the services start with. They must be plain values, because another process sends them by IPC. */
export type ServicePlan = Pick<
  Settings,
  'port' | 'verifierPort' | 'host' | 'publicUrl' | 'isEmbedded' | 'dataFolder' | 'databaseUrl' | 'authSecret'
>;

/** Returns the verifier's environment: what it needs of this process's, and the variables that `buildEnvironment` sets. */
function buildVerifierEnvironment(environment: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const names = [...VERIFIER_SETTINGS, 'STAGEDOOR_SERVICE', 'STAGEDOOR_EMBEDDED', 'STAGEDOOR_DATA'];
  const settings = names.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value]];
  });
  return buildChildEnvironment({ NODE_ENV: environment.NODE_ENV, ...Object.fromEntries(settings) });
}

function buildEnvironment(name: ServiceName, plan: ServicePlan, isDevelopment: boolean): NodeJS.ProcessEnv {
  const environment: Record<string, string | undefined> = {
    ...process.env,
    NODE_ENV: isDevelopment ? 'development' : 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    STAGEDOOR_SERVICE: name,
    STAGEDOOR_DATA: plan.dataFolder,
    DATABASE_URL: plan.databaseUrl,
    // Blank instead of deleted, because Next.js would read a missing variable from `.env`.
    DATABASE_OWNER_URL: '',
    FIRST_ADMIN_PASSWORD: '',
    AUTH_SECRET: plan.authSecret,
    // Without it, next-auth logs a warning and trusts the Host header.
    NEXTAUTH_URL: plan.publicUrl,
  };
  if (plan.isEmbedded) environment.STAGEDOOR_EMBEDDED = '1';
  // The sign-in page then refers to FIRST_ADMIN_PASSWORD instead of the terminal. Development always prints the password.
  environment.STAGEDOOR_FIRST_PASSWORD_GIVEN =
    name === 'web' && !isDevelopment && process.env.FIRST_ADMIN_PASSWORD?.trim() ? '1' : '';
  if (name === 'verifier') return buildVerifierEnvironment(environment);
  // Derived from a shared secret, because all instances must use the same key.
  if (name === 'web')
    environment.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY = deriveKey(
      plan.authSecret,
      'stagedoor/next-server-actions',
    ).toString('base64');
  return environment as NodeJS.ProcessEnv;
}

/** Describes one of the three services to the supervisor. */
export function describeService(
  name: ServiceName,
  plan: ServicePlan,
  { programs, isDevelopment }: { programs: string; isDevelopment: boolean },
): Service {
  const { host, port, verifierPort } = plan;
  return {
    name,
    program: path.join(programs, `${name}.mjs`),
    // next-auth's openid-client 5 calls the deprecated `url.parse`.
    execArgv: name === 'web' ? ['--disable-warning=DEP0169'] : [],
    environment: buildEnvironment(name, plan, isDevelopment),
    ...(name === 'web' ? { health: { host, port } } : {}),
    ...(name === 'verifier' ? { health: { host, port: verifierPort } } : {}),
  };
}
