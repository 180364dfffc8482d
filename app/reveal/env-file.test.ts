import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { buildEnvFile, buildEnvFileName } from './env-file.ts';

const values = { organisation: 'Northwind', key: 'stagekey1', baseUrl: 'https://api.example.org/' };

describe('buildEnvFile', () => {
  it.each(['Northgate Web', 'A "quoted" #1 $HOME `id` \\n {x}', 'Théâtre d’Or', "O'Brien & Sons"])(
    'sets the variables for node --env-file and the username %s',
    (username) => {
      expect(parseEnv(buildEnvFile({ ...values, username }))).toEqual({
        API_BASE_URL: 'https://api.example.org/',
        API_USERNAME: username,
        API_KEY: 'stagekey1',
      });
    },
  );

  it('omits the address of the API if it is not set', () => {
    expect(buildEnvFile({ ...values, username: 'X', baseUrl: null })).not.toContain('API_BASE_URL');
  });
});

describe('buildEnvFileName', () => {
  it.each([
    ['Northwind Traders', 'northwind-traders.env'],
    ['Théâtre d’Or', 'theatre-d-or.env'],
    ['例', 'api.env'],
    ['../x', 'x.env'],
    [`${'a'.repeat(39)} b`, `${'a'.repeat(39)}.env`],
  ])('names the file after %s', (organisation, name) => {
    expect(buildEnvFileName(organisation)).toBe(name);
  });
});
