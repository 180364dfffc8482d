import { hkdfSync } from 'node:crypto';
import path from 'node:path';
import type { Settings } from '#lib/platform/config/settings.ts';
import type { Service } from './supervisor.ts';

export type ServiceName = 'web' | 'verifier' | 'worker';
export const SERVICES: ServiceName[] = ['web', 'verifier', 'worker'];

/** What the services are started with; plain values, since they come from another process. */
export type ServicePlan = Pick<
  Settings,
  'port' | 'verifierPort' | 'host' | 'publicUrl' | 'embedded' | 'dataFolder' | 'databaseUrl' | 'authSecret'
>;

/** The verifier faces the open network, and does not need them. */
const SECRETS = [
  'AUTH_SECRET',
  'OIDC_CLIENT_SECRET',
  'RESEND_API_KEY',
  'RESEND_WEBHOOK_SECRET',
  'SMTP_URL',
  'TWILIO_API_KEY_SECRET',
  'TWILIO_AUTH_TOKEN',
];

function environmentOf(name: ServiceName, plan: ServicePlan, dev: boolean): NodeJS.ProcessEnv {
  const environment: Record<string, string | undefined> = {
    ...process.env,
    NODE_ENV: dev ? 'development' : 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    STAGEDOOR_PART: name,
    STAGEDOOR_DATA: plan.dataFolder,
    DATABASE_URL: plan.databaseUrl,
    // Blank rather than missing: Next.js would read it from `.env`.
    DATABASE_OWNER_URL: '',
    AUTH_SECRET: plan.authSecret,
    // The address that next-auth takes for its own; without it, it would warn, and read the Host header.
    NEXTAUTH_URL: plan.publicUrl,
  };
  if (plan.embedded) environment.STAGEDOOR_EMBEDDED = '1';
  delete environment.FIRST_ADMIN_PASSWORD;
  if (name === 'verifier') for (const secret of SECRETS) delete environment[secret];
  // All instances have to agree on it, so it is derived from what they share.
  if (name === 'web')
    environment.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY = Buffer.from(
      hkdfSync('sha256', plan.authSecret, '', 'stagedoor/next-server-actions', 32),
    ).toString('base64');
  return environment as NodeJS.ProcessEnv;
}

/** Describes one of the three services to the supervisor. */
export function describeService(
  name: ServiceName,
  plan: ServicePlan,
  { programs, dev }: { programs: string; dev: boolean },
): Service {
  const { host, port, verifierPort } = plan;
  return {
    name,
    program: path.join(programs, `${name}.mjs`),
    // next-auth's openid-client 5 calls `url.parse`, and Node.js would warn about it at each start.
    execArgv: name === 'web' ? ['--disable-warning=DEP0169'] : [],
    environment: environmentOf(name, plan, dev),
    ...(name === 'web' ? { health: { host, port } } : {}),
    ...(name === 'verifier' ? { health: { host, port: verifierPort } } : {}),
  };
}
