import fc from 'fast-check';
import { generateKey } from '#lib/api-keys/api-key.ts';

/** A schema of the OpenAPI document: JSON Schema 2020-12, as zod creates it. */
type Schema = {
  $ref?: string;
  type?: string;
  anyOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  format?: string;
};
type Parameter = { in: string; name: string; required?: boolean; schema: Schema };
export type DescribedOperation = {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
};

/** Values that the schemas do not describe, by the name of their field, so that requests also succeed. */
const VALID_VALUES: Record<string, fc.Arbitrary<unknown>> = {
  token: fc.constantFrom(generateKey('stagekey'), generateKey('stagetok'), 'stagekey'),
  email: fc.constantFrom('it@example.com', 'api@example.org'),
  phone: fc.constantFrom('+447894123456', '+44 7400 123456', '0044 7894 123456'),
  url: fc.constantFrom('https://hooks.example.com/', 'https://198.51.100.7:8443/x?y=1', 'http://127.0.0.1/'),
  username: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  expiresAt: fc.constantFrom(null, '2031-01-01T00:00:00Z', '2020-01-01T00:00:00+01:00'),
  allowedNetworks: fc.constantFrom(null, [], ['192.0.2.0/24'], ['2001:db8::/32', '198.51.100.7']),
};

/** Text that has caused errors in parsers and databases. */
const HOSTILE_TEXT = fc.constantFrom(
  '',
  '\0',
  '\ud800',
  '%',
  "' or 1=1 --",
  '__proto__',
  '💩',
  'x'.repeat(3_000),
);

/** Generates values that match a schema, or nearly. */
export function generateFrom(
  schema: Schema,
  components: Record<string, Schema>,
  name = '',
): fc.Arbitrary<unknown> {
  const generate = (inner: Schema, innerName = name) => generateFrom(inner, components, innerName);
  if (schema.$ref) return generate(components[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  const valid = VALID_VALUES[name];
  if (valid) return fc.oneof({ weight: 6, arbitrary: valid }, fc.jsonValue(), HOSTILE_TEXT);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((inner) => generate(inner)));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if ('const' in schema) return fc.constant(schema.const);
  switch (schema.type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.integer({ min: (schema.minimum ?? 0) - 1, max: Math.min(schema.maximum ?? 100, 1e6) + 1 });
    case 'array':
      return fc.array(generate(schema.items ?? {}), { maxLength: 4 });
    case 'object': {
      const fields = Object.entries(schema.properties ?? {}).map(([field, inner]) => [
        field,
        generate(inner, field),
      ]);
      const shape: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(fields);
      return fc.record(shape, { requiredKeys: schema.required ?? [] });
    }
    case 'string':
      return fc.oneof(fc.string({ maxLength: Math.min(schema.maxLength ?? 40, 40) }), HOSTILE_TEXT);
    default:
      return fc.jsonValue();
  }
}

/** A generated request. `id` replaces `{id}` in the path. */
export type GeneratedRequest = {
  query: Record<string, string>;
  headers: Record<string, string>;
  body: string | undefined;
};

/** Generates requests to a documented operation: mostly well-formed, some with other parameters, headers or bodies. */
export function generateRequests(
  { parameters = [], requestBody }: DescribedOperation,
  components: Record<string, Schema>,
): fc.Arbitrary<GeneratedRequest> {
  const generateAll = (location: string) =>
    fc.record(
      Object.fromEntries(
        parameters
          .filter((parameter) => parameter.in === location)
          .map(({ name, schema }) => [name, generateFrom(schema, components, name).map(String)]),
      ),
      { requiredKeys: [] },
    );
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const json = content ? generateFrom(content.schema, components) : fc.constant(undefined);
  const body = fc.oneof(
    { weight: 12, arbitrary: json.map((value) => (value === undefined ? undefined : JSON.stringify(value))) },
    fc.json(),
    HOSTILE_TEXT,
  );
  const contentType = fc.oneof(
    { weight: 20, arbitrary: fc.constant(type ?? 'application/json') },
    fc.constantFrom('application/json; charset=utf-8', 'text/plain', 'multipart/form-data; boundary=x'),
  );
  const accept = fc.option(fc.constantFrom('*/*', 'application/json', 'text/html', 'application/json;q=0'), {
    freq: 5,
  });
  const version = fc.constantFrom(undefined, undefined, '*', '"1"', '"2"', 'W/"1"', '"', '1');
  return fc
    .record({
      query: fc.oneof(
        { weight: 9, arbitrary: generateAll('query') },
        fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { maxKeys: 2 }),
      ),
      body: requestBody ? body : fc.constant(undefined),
      contentType,
      accept,
      version,
      key: fc.option(fc.oneof(fc.constantFrom('a', 'b', 'a b', 'é'), fc.uuid()), { nil: undefined }),
    })
    .map(({ query, body, contentType, accept, version, key }) => ({
      query: query as Record<string, string>,
      body,
      headers: {
        'content-type': contentType,
        ...(typeof accept === 'string' && { accept }),
        ...(version !== undefined && { 'if-match': version }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
    }));
}
