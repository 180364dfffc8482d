import path from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { getOpenApiDocument, OPERATIONS } from '#lib/management-api/openapi.ts';
import { resetSettings, settings } from '#lib/platform/config/settings.ts';
import { closeDatabase } from '#lib/platform/database.ts';
import { TOKEN_IP_ADDRESS } from './access-tokens.ts';

/** Makes the route handlers of the management API connect to another URL. */
export async function setApiDatabaseUrl(url: string): Promise<void> {
  await closeDatabase();
  vi.stubEnv('DATABASE_URL', url);
  resetSettings();
  // Vitest restores the environment before each test. The settings are read only once.
  settings();
}

/** Creates a database, which the route handlers of the management API use until `close` is called. */
export async function createApiDatabase(): Promise<TestDatabase & { close(): Promise<void> }> {
  const db = await createTestDatabase();
  await setApiDatabaseUrl(db.url);
  const close = async () => {
    await closeDatabase();
    await db.drop();
    vi.unstubAllEnvs();
    resetSettings();
  };
  return { ...db, close };
}

type Header = { required?: boolean; schema: { pattern?: string } };
type ResponseObject = { headers?: Record<string, Header>; content?: Record<string, { schema: object }> };
export type OperationObject = { responses: Record<string, ResponseObject> };

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
const validators = new Map<object, ValidateFunction>();

const getDocument = () => JSON.parse(JSON.stringify(getOpenApiDocument()));

/** Compiles a schema of the document. Resolves its references. */
function compile(schema: object): ValidateFunction {
  if (validators.size === 0)
    ajv.addSchema({ $id: 'urn:stagedoor:api', components: getDocument().components });
  const compiled =
    validators.get(schema) ??
    ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"urn:stagedoor:api#/')));
  validators.set(schema, compiled);
  return compiled;
}

/** The documented responses that were received: operation and status. */
export const receivedResponses = new Set<string>();

export type ApiRequest = {
  token?: string | undefined;
  headers?: Record<string, string>;
  /** Sent as it is if it is a string or bytes, otherwise as JSON. */
  body?: unknown;
};
// biome-ignore lint/suspicious/noExplicitAny: a test knows the shape of the body, which the document was compared with
export type ApiResponse = { status: number; headers: Headers; text: string; json: any };

/** Finds the operation of the document for a request, and the folder of its path. */
function findOperation(method: string, pathname: string) {
  const matches = (template: string) =>
    new RegExp(`^${template.replaceAll('.', '\\.').replace('{id}', '[^/]+')}$`).test(pathname);
  const template = [...new Set(OPERATIONS.map((operation) => operation.path))].find(matches);
  const operation = OPERATIONS.find(
    (each) => each.path === template && each.method === method.toLowerCase().replace('head', 'get'),
  );
  return { folder: template?.replace('{id}', '[id]') ?? '/api/v1/[[...path]]', operation };
}

const PROBLEM = { $ref: '#/components/schemas/Problem' };

/** Expects a response to be as the document describes it. Of other methods and paths, expects a problem. */
function expectAsDocumented(method: string, pathname: string, response: ApiResponse): void {
  const { status, headers, text, json } = response;
  const { operation } = findOperation(method, pathname);
  const label = `${method} ${pathname}: ${status} ${text.slice(0, 300)}`;
  expect(headers.get('x-request-id'), label).toMatch(/^[\w.-]+$/);
  expect(headers.get('cache-control'), label).toBe('no-store');
  for (const name of headers.keys()) expect(name, label).not.toMatch(/^(access-control|set-cookie)/);
  if (!operation) {
    if (status !== 204) expect(compile(PROBLEM)(json), label).toBe(true);
    return;
  }
  const described = getOpenApiDocument().paths?.[operation.path]?.[
    operation.method
  ] as unknown as OperationObject;
  const documented = described.responses[status];
  expect(documented, `is documented: ${label}`).toBeDefined();
  receivedResponses.add(`${operation.id} ${status}`);
  for (const [name, { required = false, schema }] of Object.entries(documented?.headers ?? {})) {
    const value = headers.get(name);
    if (required) expect(value, `${name} of ${label}`).not.toBeNull();
    if (value !== null) expect(value, label).toMatch(new RegExp(schema.pattern ?? ''));
  }
  const [type, content] = Object.entries(documented?.content ?? {})[0] ?? [];
  expect(headers.get('content-type') ?? undefined, label).toBe(type);
  if (!content) {
    expect(text, label).toBe('');
    return;
  }
  const validate = compile(content.schema);
  expect(validate(json), `${label} ${JSON.stringify(validate.errors)}`).toBe(true);
}

/** Sends a request to the route handler of a path, as Next.js does, and compares the response with the OpenAPI document. */
export async function callApi(
  method: string,
  target: string,
  { token, headers = {}, body }: ApiRequest = {},
): Promise<ApiResponse> {
  const url = new URL(target, 'https://access.example.org');
  const { folder } = findOperation(method, url.pathname);
  const isRaw =
    body === undefined ||
    typeof body === 'string' ||
    body instanceof Uint8Array ||
    body instanceof ReadableStream;
  const request = new Request(url, {
    method,
    headers: {
      'x-stagedoor-address': TOKEN_IP_ADDRESS,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: (isRaw ? body : JSON.stringify(body)) as BodyInit, duplex: 'half' }),
  });
  const route = await import(path.resolve(`app${folder}/route.ts`));
  const id = decodeURIComponent(url.pathname.split('/')[4] ?? '');
  // Next.js passes no parameters to a path that has none.
  const params = folder.includes('[') ? Promise.resolve({ id }) : undefined;
  const response: Response = await (route[method] ?? route.GET)(request, { params });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  const received = {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
  expectAsDocumented(method, url.pathname, received);
  return received;
}
