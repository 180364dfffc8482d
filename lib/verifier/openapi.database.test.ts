import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import {
  insertAccountWithKey,
  KEY_TAG,
  requestVerifier,
  startTestVerifier,
  type VerifierResponse,
} from '#lib/testing/verifier.ts';
import { OPENAPI_DOCUMENT } from './openapi.ts';

type Header = { required: boolean; schema: { pattern?: string } };
type ResponseObject = { headers: Record<string, Header>; content: Record<string, { schema: object }> };
type Operation = { responses: Record<string, ResponseObject> };

const PATHS = OPENAPI_DOCUMENT.paths as unknown as Record<string, Record<string, Operation>>;
/** Headers that HTTP servers add, which need no documentation. */
const STANDARD_HEADERS = new Set(['content-type', 'content-length', 'date', 'connection', 'keep-alive']);
const UNDOCUMENTED_HEADERS = new Set(['x-content-type-options']);

let db: TestDatabase;
/** The documented responses that the verifier has sent: method, path and status. */
const receivedResponses = new Set<string>();

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'urn:stagedoor:openapi', components: OPENAPI_DOCUMENT.components });

/** Compiles a schema. Resolves its references in the document. */
const compileSchema = (schema: object) =>
  ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"urn:stagedoor:openapi#/')));

/** Expects a response to have the headers and the body that are documented for its path, method and status. */
function expectAsDocumented(path: string, method: string, response: VerifierResponse): void {
  const documented = PATHS[path]?.[method]?.responses[response.status];
  expect(documented, `${method} ${path} is documented with ${response.status}`).toBeDefined();
  if (!documented) return;
  receivedResponses.add(`${method} ${path} ${response.status}`);
  const names = new Map(
    Object.entries(documented.headers).map(([name, header]) => [name.toLowerCase(), header]),
  );
  for (const [name, { required, schema }] of names) {
    const value = response.headers[name];
    if (required) expect(value, `${path} ${response.status} ${name}`).toBeDefined();
    if (value !== undefined) expect(String(value)).toMatch(new RegExp(schema.pattern ?? ''));
  }
  const undocumented = Object.keys(response.headers).filter(
    (name) => !names.has(name) && !STANDARD_HEADERS.has(name) && !UNDOCUMENTED_HEADERS.has(name),
  );
  expect(undocumented).toEqual([]);
  const type = String(response.headers['content-type']).split(';')[0] ?? '';
  const content = documented.content[type];
  expect(content, `${path} ${response.status} is documented as ${type}`).toBeDefined();
  if (!content || method === 'head') return;
  const validate = compileSchema(content.schema);
  const body: unknown = type.endsWith('json') ? JSON.parse(response.body) : response.body;
  expect(validate(body), JSON.stringify(validate.errors)).toBe(true);
}

describe('OPENAPI_DOCUMENT', () => {
  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(structuredClone(OPENAPI_DOCUMENT));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
  });

  it('is served at /openapi.json', async () => {
    const verifier = await startTestVerifier(db.url);
    onTestFinished(() => verifier.close());
    const response = await requestVerifier(verifier.port, { path: '/openapi.json' });
    expect(JSON.parse(response.body)).toEqual(JSON.parse(JSON.stringify(OPENAPI_DOCUMENT)));
  });

  it('documents every response to its operations, and no other', async () => {
    const proxy = await TcpProxy.start(db.url);
    const timing = atScale({ normal: { finalFlushTimeoutMs: 500 }, soak: {} });
    const verifier = await startTestVerifier(proxy.url, { unknownKeysPerMinute: 3, timing });
    onTestFinished(async () => {
      await verifier.close();
      await proxy.close();
    });
    const [active, inactive, limited] = await Promise.all([
      insertAccountWithKey(db.pool),
      insertAccountWithKey(db.pool, { active: false }),
      insertAccountWithKey(db.pool, { requestsPerMinute: 1 }),
    ]);
    const keys = [active.key, inactive.key, limited.key, limited.key, 'nonsense', generateKey(KEY_TAG)];
    const check = async (path: string, method: string, key?: string) => {
      const headers = key === undefined ? {} : { 'X-API-Key': key };
      const response = await requestVerifier(verifier.port, { path, method: method.toUpperCase(), headers });
      expectAsDocumented(path, method, response);
    };
    const checkAll = async (matches: (path: string) => boolean) => {
      for (const [path, methods] of Object.entries(PATHS).filter(([path]) => matches(path))) {
        for (const method of Object.keys(methods)) {
          for (const key of path === '/verify' ? keys : [undefined]) await check(path, method, key);
        }
      }
    };
    await checkAll(() => true);
    proxy.mode = 'silent';
    const pending = Object.keys(PATHS['/verify'] ?? {}).map((method) => check('/verify', method, active.key));
    await Promise.all([...pending, check('/readyz', 'get')]);
    const allResponses = Object.entries(PATHS).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { responses }]) =>
        Object.keys(responses).map((status) => `${method} ${path} ${status}`),
      ),
    );
    expect([...receivedResponses].toSorted()).toEqual(allResponses.toSorted());
  });
});
