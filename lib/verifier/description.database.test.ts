import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { generateKey } from '#lib/api-keys/generate.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { accountWithKey, ask, type Got, KEY_TAG, startTestVerifier } from '#lib/testing/verifying.ts';
import { DESCRIPTION } from './description.ts';

type Header = { required: boolean; schema: { pattern?: string } };
type Described = { headers: Record<string, Header>; content: Record<string, { schema: object }> };
type Operation = { responses: Record<string, Described> };

const PATHS = DESCRIPTION.paths as unknown as Record<string, Record<string, Operation>>;
/** What the server adds by itself, as every HTTP server may. */
const COMMON = new Set(['content-type', 'content-length', 'date', 'connection', 'keep-alive']);
const ALSO = new Set(['x-content-type-options']);

let test: TestDatabase;
/** Each answer that the description knows, and whether the server has given it. */
const seen = new Set<string>();

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'urn:stagedoor:openapi', components: DESCRIPTION.components });

/** The schema with its references made to point into the description. */
const compile = (schema: object) =>
  ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"urn:stagedoor:openapi#/')));

/** Holds an answer to what is described for its path, method and status: no less, and no more. */
function expectAsDescribed(path: string, method: string, got: Got): void {
  const described = PATHS[path]?.[method]?.responses[got.status];
  expect(described, `${method} ${path} is described with ${got.status}`).toBeDefined();
  if (!described) return;
  seen.add(`${method} ${path} ${got.status}`);
  const names = new Map(
    Object.entries(described.headers).map(([name, header]) => [name.toLowerCase(), header]),
  );
  for (const [name, { required, schema }] of names) {
    const value = got.headers[name];
    if (required) expect(value, `${path} ${got.status} ${name}`).toBeDefined();
    if (value !== undefined) expect(String(value)).toMatch(new RegExp(schema.pattern ?? ''));
  }
  const undescribed = Object.keys(got.headers).filter(
    (name) => !names.has(name) && !COMMON.has(name) && !ALSO.has(name),
  );
  expect(undescribed).toEqual([]);
  const type = String(got.headers['content-type']).split(';')[0] ?? '';
  const content = described.content[type];
  expect(content, `${path} ${got.status} is described as ${type}`).toBeDefined();
  if (!content || method === 'head') return;
  const validate = compile(content.schema);
  const body: unknown = type.endsWith('json') ? JSON.parse(got.body) : got.body;
  expect(validate(body), JSON.stringify(validate.errors)).toBe(true);
}

describe('the description', () => {
  it('is OpenAPI 3.1', async () => {
    const result = await new Validator().validate(structuredClone(DESCRIPTION));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
  });

  it('is served', async () => {
    const verifier = await startTestVerifier(test.url);
    onTestFinished(() => verifier.close());
    const got = await ask(verifier.port, { path: '/openapi.json' });
    expect(JSON.parse(got.body)).toEqual(JSON.parse(JSON.stringify(DESCRIPTION)));
  });

  it('is what the server does, in every answer that it knows', async () => {
    const proxy = await TcpProxy.start(test.url);
    const timing = atScale({ normal: { lastFlushMs: 500 }, soak: {} });
    const verifier = await startTestVerifier(proxy.url, { unknownKeysPerMinute: 3, timing });
    onTestFinished(async () => {
      await verifier.close();
      await proxy.close();
    });
    const [plain, idle, limited] = await Promise.all([
      accountWithKey(test.pool),
      accountWithKey(test.pool, { active: false }),
      accountWithKey(test.pool, { requestsPerMinute: 1 }),
    ]);
    const keys = [plain.key, idle.key, limited.key, limited.key, 'nonsense', generateKey(KEY_TAG)];
    const check = async (path: string, method: string, key?: string) => {
      const headers = key === undefined ? {} : { 'X-API-Key': key };
      const got = await ask(verifier.port, { path, method: method.toUpperCase(), headers });
      expectAsDescribed(path, method, got);
    };
    const askAll = async (only: (path: string) => boolean) => {
      for (const [path, methods] of Object.entries(PATHS).filter(([path]) => only(path))) {
        for (const method of Object.keys(methods)) {
          for (const key of path === '/verify' ? keys : [undefined]) await check(path, method, key);
        }
      }
    };
    await askAll(() => true);
    proxy.mode = 'silent';
    const asked = Object.keys(PATHS['/verify'] ?? {}).map((method) => check('/verify', method, plain.key));
    await Promise.all([...asked, check('/readyz', 'get')]);
    const known = Object.entries(PATHS).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { responses }]) =>
        Object.keys(responses).map((status) => `${method} ${path} ${status}`),
      ),
    );
    expect([...seen].toSorted()).toEqual(known.toSorted());
  });
});
