import { afterEach, describe, expect, it, vi } from 'vitest';
import { SERVICE_NAMES, type ServiceName } from '#lib/platform/config/services.ts';
import { describeService } from './services.ts';

const PASSWORD = 'a password for the first administrator';
const PLAN = {
  port: 3000,
  verifierPort: 3001,
  host: '127.0.0.1',
  publicUrl: 'http://localhost:3000',
  isEmbedded: true,
  dataFolder: '/tmp/stagedoor',
  databaseUrl: 'postgresql://stagedoor@127.0.0.1/stagedoor',
  authSecret: 'a secret of at least thirty-two characters',
};

const getEnvironment = (name: ServiceName, isDevelopment = false) =>
  describeService(name, PLAN, { programs: 'programs', isDevelopment }).environment ?? {};

afterEach(() => vi.unstubAllEnvs());

describe('describeService', () => {
  it('withholds the first password from every service', () => {
    vi.stubEnv('FIRST_ADMIN_PASSWORD', PASSWORD);
    for (const name of SERVICE_NAMES) expect(Object.values(getEnvironment(name))).not.toContain(PASSWORD);
  });

  it('sets STAGEDOOR_FIRST_PASSWORD_GIVEN for web only', () => {
    vi.stubEnv('FIRST_ADMIN_PASSWORD', PASSWORD);
    expect(getEnvironment('web').STAGEDOOR_FIRST_PASSWORD_GIVEN).toBe('1');
    expect(getEnvironment('worker').STAGEDOOR_FIRST_PASSWORD_GIVEN).toBe('');
    expect(getEnvironment('verifier').STAGEDOOR_FIRST_PASSWORD_GIVEN).toBeUndefined();
  });

  it('passes the verifier only its own settings', () => {
    for (const name of [
      'AUTH_SECRET',
      'AWS_SECRET_ACCESS_KEY',
      'GITHUB_TOKEN',
      'NODE_AUTH_TOKEN',
      'RESEND_API_KEY',
      'PGPASSWORD',
    ])
      vi.stubEnv(name, 'a secret');
    vi.stubEnv('UNKNOWN_KEYS_PER_MINUTE', '7');
    vi.stubEnv('NODE_EXTRA_CA_CERTS', '/etc/ca.pem');
    const environment = getEnvironment('verifier');
    expect(Object.values(environment)).not.toContain('a secret');
    expect(environment).toMatchObject({
      STAGEDOOR_SERVICE: 'verifier',
      NODE_ENV: 'production',
      DATABASE_URL: PLAN.databaseUrl,
      UNKNOWN_KEYS_PER_MINUTE: '7',
      NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
      PATH: process.env.PATH,
    });
  });

  it.each(['', ' '])('leaves STAGEDOOR_FIRST_PASSWORD_GIVEN blank if the password is %j', (password) => {
    vi.stubEnv('FIRST_ADMIN_PASSWORD', password);
    expect(getEnvironment('web').STAGEDOOR_FIRST_PASSWORD_GIVEN).toBe('');
  });

  it('leaves STAGEDOOR_FIRST_PASSWORD_GIVEN blank in development, because the password is printed', () => {
    vi.stubEnv('FIRST_ADMIN_PASSWORD', PASSWORD);
    expect(getEnvironment('web', true).STAGEDOOR_FIRST_PASSWORD_GIVEN).toBe('');
  });
});
