import { afterEach, describe, expect, it, vi } from 'vitest';
import { SERVICE_NAMES, type ServiceName } from '#lib/platform/config/services.ts';
import { describeService } from './services.ts';

const PASSWORD = 'a password for the first administrator';
const PLAN = {
  port: 3000,
  verifierPort: 3001,
  host: '127.0.0.1',
  publicUrl: 'http://localhost:3000',
  embedded: true,
  dataFolder: '/tmp/stagedoor',
  databaseUrl: 'postgresql://stagedoor@127.0.0.1/stagedoor',
  authSecret: 'a secret of at least thirty-two characters',
};

const environmentOf = (name: ServiceName, dev = false) =>
  describeService(name, PLAN, { programs: 'programs', dev }).environment ?? {};

afterEach(() => vi.unstubAllEnvs());

describe('describeService', () => {
  it('withholds the first password from every service', () => {
    vi.stubEnv('FIRST_ADMIN_PASSWORD', PASSWORD);
    for (const name of SERVICE_NAMES) expect(Object.values(environmentOf(name))).not.toContain(PASSWORD);
  });

  it('passes to web alone that the first password was given', () => {
    vi.stubEnv('FIRST_ADMIN_PASSWORD', PASSWORD);
    expect(environmentOf('web').STAGEDOOR_FIRST_PASSWORD_GIVEN).toBe('1');
    expect(environmentOf('worker').STAGEDOOR_FIRST_PASSWORD_GIVEN).toBe('');
    expect(environmentOf('verifier').STAGEDOOR_FIRST_PASSWORD_GIVEN).toBe('');
  });

  it.each(['', ' '])('passes that no password was given if it is %j', (password) => {
    vi.stubEnv('FIRST_ADMIN_PASSWORD', password);
    expect(environmentOf('web').STAGEDOOR_FIRST_PASSWORD_GIVEN).toBe('');
  });

  it('passes in development that no password was given, because the default one is printed', () => {
    vi.stubEnv('FIRST_ADMIN_PASSWORD', PASSWORD);
    expect(environmentOf('web', true).STAGEDOOR_FIRST_PASSWORD_GIVEN).toBe('');
  });
});
