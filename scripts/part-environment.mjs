import { hkdfSync } from 'node:crypto';

/** @typedef {import('#lib/settings.ts').Part} Part */

/** What the verifier, which faces the open network, has no use for. */
const SECRETS = [
  'AUTH_SECRET',
  'FIRST_ADMIN_PASSWORD',
  'OIDC_CLIENT_SECRET',
  'RESEND_API_KEY',
  'RESEND_WEBHOOK_SECRET',
  'SMTP_URL',
  'TWILIO_API_KEY_SECRET',
  'TWILIO_AUTH_TOKEN',
];

/**
 * The environment of one of Stagedoor's processes.
 * @param {Part} part
 * @param {{ databaseUrl: string, authSecret: string, dataFolder: string, publicUrl: string, embedded: boolean }} base
 * @returns {NodeJS.ProcessEnv}
 */
export function partEnvironment(part, { databaseUrl, authSecret, dataFolder, publicUrl, embedded }) {
  /** @type {NodeJS.ProcessEnv & Record<string, string | undefined>} */
  const environment = {
    ...process.env,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    STAGEDOOR_PART: part,
    STAGEDOOR_DATA: dataFolder,
    DATABASE_URL: databaseUrl,
    // Blank rather than missing: Next.js would read it out of `.env`.
    DATABASE_OWNER_URL: '',
    AUTH_SECRET: authSecret,
    // What next-auth takes for its own address; without it, it would warn, and ask the Host header.
    NEXTAUTH_URL: publicUrl,
  };
  if (embedded) environment.STAGEDOOR_EMBEDDED = '1';
  delete environment.FIRST_ADMIN_PASSWORD;
  if (part === 'verifier') for (const name of SECRETS) delete environment[name];
  // All instances have to agree on it, so it comes of what they share.
  if (part === 'web')
    environment.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY = Buffer.from(
      hkdfSync('sha256', authSecret, '', 'stagedoor/next-server-actions', 32),
    ).toString('base64');
  return environment;
}
