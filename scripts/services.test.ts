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
    expect(getEnvironment('verifier').STAGEDOOR_FIRST_PASSWORD_GIVEN).toBe('');
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
