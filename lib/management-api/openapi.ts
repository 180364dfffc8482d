import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponseObject } from 'zod-openapi';
import { ACCESS_TOKEN_SCOPES } from '#lib/platform/authorization/actor.ts';
import * as accountOperations from './account-operations.ts';
import { listAuditEvents } from './audit-operations.ts';
import { IDEMPOTENCY_HOURS } from './idempotency.ts';
import { reportLeakedKeys } from './leak-operations.ts';
import { defineOperation, type Operation } from './operation.ts';
import { PROBLEMS, type ProblemCode, problemSchema } from './problems.ts';
import * as webhookOperations from './webhook-operations.ts';

export const getDocument = defineOperation({
  id: 'getOpenApiDocument',
  method: 'get',
  path: '/api/v1/openapi.json',
  scope: null,
  summary: 'Returns this document.',
  success: { status: 200, description: 'OpenAPI 3.1.', body: z.record(z.string(), z.unknown()) },
  problems: [],
});

/** Every operation of the management API, and so of the OpenAPI document. A test compares it with the routes. */
export const OPERATIONS: readonly Operation[] = [
  ...Object.values(accountOperations),
  listAuditEvents,
  reportLeakedKeys,
  ...Object.values(webhookOperations),
  getDocument,
];

/** What `handleOperation` and the web server refuse. */
const COMMON_PROBLEMS = [
  'invalid_parameters',
  'not_acceptable',
  'too_large',
  'too_many_requests',
  'unavailable',
] as const;

function listProblems({ scope, body, method, problems }: Operation): ProblemCode[] {
  return [
    ...COMMON_PROBLEMS,
    ...(scope ? (['invalid_token', 'insufficient_scope'] as const) : []),
    ...(body ? (['malformed_body', 'unsupported_media_type', 'invalid'] as const) : []),
    ...(method === 'post' && scope ? (['idempotency_key_reused', 'unsupported_media_type'] as const) : []),
    ...problems,
  ];
}

const header = (description: string, pattern?: string) => ({
  description,
  schema: { type: 'string' as const, ...(pattern && { pattern }) },
});

const RESPONSE_HEADERS = {
  'X-Request-Id': {
    ...header('Identifies the request. The same as in the request, if it has one.'),
    required: true,
  },
  'RateLimit-Policy': header('The rate limit of the access token: q requests in w seconds.'),
  RateLimit: header('Requests that remain (r), and seconds until the limit resets (t).'),
};
const RETRY_AFTER = { 'Retry-After': header('Seconds to wait.', '^[1-9][0-9]*$') };

/** Describes the problems that have the same status, in one response. */
function describeProblems(status: number, codes: ProblemCode[]): ZodOpenApiResponseObject {
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
    headers: { ...RESPONSE_HEADERS, ...((status === 429 || status === 503) && RETRY_AFTER) },
    content: { 'application/problem+json': { schema: problemSchema } },
  };
}

function describeSuccess({ success, method, scope }: Operation): ZodOpenApiResponseObject {
  const { description, body } = success;
  return {
    description,
    headers: {
      ...RESPONSE_HEADERS,
      ...(success.status === 201 && { Location: header('The path of what was created.') }),
      ...(method === 'post' &&
        scope && {
          'Idempotent-Replayed': header('true: the response to an earlier request.'),
        }),
    },
    ...(body && { content: { 'application/json': { schema: body } } }),
  };
}

const HEADER_PARAMETERS = {
  patch: z.object({
    'If-Match': z
      .string()
      .optional()
      .meta({ description: 'The version of the resource, in quotes: its ETag.' }),
  }),
  post: z.object({
    'Idempotency-Key': z
      .string()
      .min(1)
      .max(255)
      .optional()
      .meta({
        description: `A repeated request with the same key gets the response of the first one, for ${IDEMPOTENCY_HOURS} hours.`,
      }),
  }),
};

function describeOperation(operation: Operation): ZodOpenApiOperationObject {
  const { id, method, path, scope, summary, description, query, body, isBodyOptional, success } = operation;
  const hasHeaders = method === 'patch' || (method === 'post' && scope !== null);
  const headers = hasHeaders ? HEADER_PARAMETERS[method] : undefined;
  const codes = Map.groupBy(new Set(listProblems(operation)), (code) => PROBLEMS[code].status);
  const responses = [...codes].map(([status, group]) => [String(status), describeProblems(status, group)]);
  return {
    operationId: id,
    summary,
    ...(description && { description }),
    security: scope ? [{ accessToken: [scope] }] : [],
    requestParams: {
      ...(path.includes('{id}') && { path: z.object({ id: z.uuid() }) }),
      ...(query && { query }),
      ...(headers && { header: headers }),
    },
    ...(body && {
      requestBody: { required: !isBodyOptional, content: { 'application/json': { schema: body } } },
    }),
    responses: { [String(success.status)]: describeSuccess(operation), ...Object.fromEntries(responses) },
  };
}

/** Creates the OpenAPI document of operations. */
export function createOpenApiDocument(operations = OPERATIONS) {
  const byPath = Map.groupBy(operations, ({ path }) => path);
  const paths = [...byPath].map(([path, group]) => [
    path,
    Object.fromEntries(group.map((operation) => [operation.method, describeOperation(operation)])),
  ]);
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Stagedoor management API',
      version: '1.0.0',
      description: `Manages API accounts and webhooks by program. Needs an access token. Scopes: ${ACCESS_TOKEN_SCOPES.join(', ')}.`,
      license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', description: 'An access token (RFC 6750).' },
      },
    },
  });
}

let document: ReturnType<typeof createOpenApiDocument> | undefined;

/** Returns the OpenAPI document of the management API, which it creates at the first call. */
export function getOpenApiDocument() {
  document ??= createOpenApiDocument();
  return document;
}
