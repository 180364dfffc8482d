/**
 * The verifier's API in OpenAPI 3.1 (its schemas are JSON Schema 2020-12). `openapi.database.test.ts` checks that the
 * document and the running server agree.
 */

const createHeader = (description: string, pattern?: string) => ({
  description,
  required: true,
  schema: { type: 'string', ...(pattern ? { pattern } : {}) },
});

/** Headers of every documented response. */
const COMMON_HEADERS = {
  'Cache-Control': createHeader(
    'Responses must not be cached: a cached response would outlive a revocation.',
    '^no-store$',
  ),
};
const RETRY_AFTER_HEADER = {
  'Retry-After': createHeader('Seconds to wait before the next request.', '^[1-9][0-9]*$'),
};
const makeOptional = (definition: object) => ({ ...definition, required: false });
const RATE_LIMIT_HEADERS = {
  'RateLimit-Policy': makeOptional(
    createHeader(
      'The rate limit of the account, if it has one: q requests in w seconds.',
      '^"minute";q=[0-9]+;w=60$',
    ),
  ),
  RateLimit: makeOptional(
    createHeader(
      'Requests that remain (r), and seconds until the limit resets (t).',
      '^"minute";r=[0-9]+;t=[0-9]+$',
    ),
  ),
};

function createProblemResponse(description: string, codes: string[], headers: object = {}) {
  const schema = {
    allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }],
  };
  return {
    description,
    headers: { ...COMMON_HEADERS, ...headers },
    content: { 'application/problem+json': { schema } },
  };
}

const NOT_READY_RESPONSE = createProblemResponse(
  'The database does not respond, or the verifier is stopping. Send it no requests.',
  ['unavailable'],
  RETRY_AFTER_HEADER,
);
const UNAVAILABLE_RESPONSE = createProblemResponse(
  'The database cannot be queried. Do not let the request through.',
  ['unavailable'],
  RETRY_AFTER_HEADER,
);

const VERIFY_RESPONSES = {
  200: {
    description: 'The key is the current key of an active account, or its previous one, which still works.',
    headers: {
      ...COMMON_HEADERS,
      'X-API-Account-Id': createHeader('The account’s id.'),
      'X-API-Account': createHeader(
        'The account’s username. The percent sign and all characters outside printable ASCII are percent-encoded as UTF-8.',
        '^[\\x20-\\x7e]+$',
      ),
      'X-API-Scopes': createHeader('The account’s scopes, separated by spaces. May be empty.'),
      ...RATE_LIMIT_HEADERS,
    },
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Verified' } } },
  },
  401: createProblemResponse(
    'The request has no key; the key is malformed, unknown, reset or not yet collected; or the username is another account’s.',
    ['invalid_key'],
    { 'WWW-Authenticate': createHeader('How to send a key: Basic or Bearer.') },
  ),
  403: createProblemResponse(
    'The key is right, but its account is inactive or has expired, is not allowed from the client’s IP address, or does not have a required scope.',
    ['inactive_account', 'expired_account', 'network_not_allowed', 'insufficient_scope'],
    {
      'X-API-Problem': createHeader('The code of the problem, for gateways that drop the body.', '^[a-z_]+$'),
      'WWW-Authenticate': makeOptional(
        createHeader('Only with insufficient_scope (RFC 6750).', '^Bearer error="insufficient_scope"$'),
      ),
    },
  ),
  429: createProblemResponse(
    'The account has reached its rate limit, or the client has tried too many unknown keys.',
    ['too_many_requests'],
    { ...RETRY_AFTER_HEADER, ...RATE_LIMIT_HEADERS },
  ),
  503: UNAVAILABLE_RESPONSE,
};

/** `/verify` accepts any method, which OpenAPI cannot express. These are all methods of OpenAPI 3.1, except TRACE. */
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

const SCOPE_PARAMETER = {
  name: 'scope',
  in: 'query',
  description: 'A scope that the account must have. Can be repeated.',
  schema: { type: 'array', items: { type: 'string' } },
  explode: true,
};
const TEST_PARAMETER = {
  name: 'test',
  in: 'query',
  description:
    'true: a test of the key, which is not its first use, and so does not end the previous key. Other parameters are ignored.',
  schema: { type: 'string' },
};

const describeVerifyOperation = (method: string) => ({
  operationId: `verify_${method}`,
  summary: 'Checks whether a key is valid right now.',
  description:
    'Accepts any method and ignores the body. Send the key in exactly one way: Basic, Bearer or the header X-API-Key.',
  parameters: [SCOPE_PARAMETER, TEST_PARAMETER],
  tags: ['verify'],
  security: [{ basic: [] }, { bearer: [] }, { apiKey: [] }],
  responses: VERIFY_RESPONSES,
});

const createEndpoint = (operationId: string, summary: string, responses: object) => ({
  get: { operationId, summary, tags: ['operation'], security: [], responses },
});
const HEALTHY_RESPONSE = {
  description: 'Healthy.',
  headers: COMMON_HEADERS,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Healthy' } } },
};
const createOkResponses = (type: string, schema: object) => ({
  200: { description: 'Success.', headers: COMMON_HEADERS, content: { [type]: { schema } } },
});

const SCHEMAS = {
  Verified: {
    type: 'object',
    required: ['account', 'key', 'scopes'],
    additionalProperties: false,
    properties: {
      key: {
        type: 'object',
        required: ['status', 'expiresAt'],
        additionalProperties: false,
        properties: {
          status: {
            description: 'previous: the key was reset, and stops working at expiresAt at the latest.',
            enum: ['current', 'previous'],
          },
          expiresAt: { type: ['string', 'null'], format: 'date-time' },
        },
      },
      scopes: {
        description: 'The account’s scopes; all scopes of the organisation if it has full access.',
        type: 'array',
        items: { type: 'string' },
      },
      account: {
        type: 'object',
        required: ['id', 'username'],
        additionalProperties: false,
        properties: { id: { type: 'string', format: 'uuid' }, username: { type: 'string', minLength: 1 } },
      },
    },
  },
  Problem: {
    description: 'Problem details (RFC 9457). Use the status or the code: titles may change.',
    type: 'object',
    required: ['type', 'title', 'status', 'code'],
    properties: {
      type: { type: 'string', format: 'uri' },
      title: { type: 'string' },
      status: { type: 'integer' },
      code: { type: 'string' },
    },
  },
  Healthy: { type: 'object', required: ['status'], properties: { status: { const: 'ok' } } },
};

export const OPENAPI_DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Stagedoor verifier',
    version: '1.0.0',
    description: 'Checks API keys for gateways and back ends, on every request.',
    license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/' }],
  paths: {
    '/verify': Object.fromEntries(METHODS.map((method) => [method, describeVerifyOperation(method)])),
    '/healthz': createEndpoint('healthz', 'Checks whether the process is running.', {
      200: HEALTHY_RESPONSE,
    }),
    '/readyz': createEndpoint(
      'readyz',
      'Checks whether the database responds and the verifier is not stopping.',
      {
        200: HEALTHY_RESPONSE,
        503: NOT_READY_RESPONSE,
      },
    ),
    '/metrics': createEndpoint(
      'metrics',
      'Returns the metrics in Prometheus’s text format.',
      createOkResponses('text/plain', { type: 'string' }),
    ),
    '/openapi.json': createEndpoint(
      'openapi',
      'Returns this document.',
      createOkResponses('application/json', { type: 'object' }),
    ),
  },
  components: {
    securitySchemes: {
      basic: {
        type: 'http',
        scheme: 'basic',
        description: 'Username and key, in UTF-8 or ISO 8859-1 (RFC 7617).',
      },
      bearer: { type: 'http', scheme: 'bearer', description: 'The key (RFC 6750).' },
      apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
    },
    schemas: SCHEMAS,
  },
};
