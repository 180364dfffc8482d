import { globSync, readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { ACCESS_TOKEN_SCOPES } from '#lib/platform/authorization/actor.ts';
import { createOpenApiDocument, OPERATIONS } from './openapi.ts';

const getDocument = () => JSON.parse(JSON.stringify(createOpenApiDocument()));

describe('createOpenApiDocument', () => {
  it('creates valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(getDocument());
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
  });

  it('is the document from which the types of the client were generated', () => {
    const committed = readFileSync('clients/typescript/openapi.json', 'utf8');
    expect(JSON.parse(committed), 'run `npm run generate:client -- …/api/v1/openapi.json`').toEqual(
      getDocument(),
    );
  });

  it('describes an account with the fields of the contract, and no other', () => {
    const { Account } = getDocument().components.schemas;
    expect(Account.additionalProperties).toBe(false);
    expect(Account.required).toEqual(Object.keys(Account.properties));
    expect(Object.keys(Account.properties)).toEqual([
      'id',
      'username',
      'email',
      'phone',
      'status',
      'active',
      'requestsPerMinute',
      'scopes',
      'allowedNetworks',
      'expiresAt',
      'notes',
      'lastUsedAt',
      'createdAt',
      'updatedAt',
      'version',
    ]);
    expect(Account.properties.status.enum.toSorted()).toEqual([
      'active',
      'awaiting_collection',
      'delivery_failed',
      'expired',
      'inactive',
      'locked',
    ]);
  });
});

describe('OPERATIONS', () => {
  it('has a route for each operation, and an operation for each method of a route', () => {
    const expected = OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`).toSorted();
    const exported = globSync('app/api/v1/**/route.ts').flatMap((file) => {
      const path = `/${file.replace(/^app\//, '').replace(/\/route\.ts$/, '')}`;
      const handlers = readFileSync(file, 'utf8').matchAll(/^export const (\w+) = handleOperation\(/gm);
      return [...handlers].map(([, method]) => `${method} ${path.replace('[id]', '{id}')}`);
    });
    expect(exported.toSorted()).toEqual(expected);
    expect(expected.length).toBeGreaterThan(10);
  });

  it('shows the required scope in each route', () => {
    for (const file of globSync('app/api/v1/**/route.ts')) {
      const text = readFileSync(file, 'utf8');
      const handlers = [...text.matchAll(/= handleOperation\(\s*\w+,\s*('[a-z:]+'|null)/g)];
      expect(handlers.length, file).toBe(text.split('= handleOperation(').length - 1);
      for (const [, scope = ''] of handlers)
        expect(['null', ...ACCESS_TOKEN_SCOPES.map((each) => `'${each}'`)], file).toContain(scope);
    }
  });

  it('lets no route do without handleOperation, which checks the access token', () => {
    const allowed =
      /^export const (?:\w+ = handleOperation\(|\{[\w, ]+\} = refuseOtherMethods\(|\w+ = respondNotFound;$)/;
    for (const file of globSync('app/api/v1/**/route.ts')) {
      const exports = readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('export'));
      expect(
        exports.filter((line) => !allowed.test(line)),
        file,
      ).toEqual([]);
    }
  });

  it('lets only the document and reports of leaked keys need no access token', () => {
    expect(OPERATIONS.filter(({ scope }) => scope === null).map(({ id }) => id)).toEqual([
      'reportLeakedKeys',
      'getOpenApiDocument',
    ]);
  });
});
