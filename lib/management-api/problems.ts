import { z } from 'zod';
import { createProblem } from '#lib/platform/http/problem-response.ts';

/** The problems that the management API reports, with their status and title. */
export const PROBLEMS = {
  invalid_parameters: { status: 400, title: 'A query parameter or a header is invalid' },
  malformed_body: { status: 400, title: 'The request body is malformed' },
  invalid_token: { status: 401, title: 'The access token is missing or invalid' },
  invalid_signature: { status: 403, title: 'The signature is not one of GitHub' },
  insufficient_scope: { status: 403, title: 'The access token does not have the required scope' },
  not_found: { status: 404, title: 'This resource does not exist' },
  method_not_allowed: { status: 405, title: 'This method is not allowed' },
  not_acceptable: { status: 406, title: 'Responses are JSON: accept application/json' },
  not_in_progress: { status: 409, title: 'No key delivery is in progress' },
  not_sent: { status: 409, title: 'No message was sent' },
  too_many_endpoints: { status: 409, title: 'The organisation has as many webhook endpoints as it can have' },
  endpoint_disabled: { status: 409, title: 'The webhook endpoint is disabled' },
  delivery_pending: { status: 409, title: 'The event is being sent already' },
  version_mismatch: { status: 412, title: 'The resource has changed since this version' },
  too_large: { status: 413, title: 'The request body is too large' },
  unsupported_media_type: { status: 415, title: 'Send the body as application/json' },
  invalid: { status: 422, title: 'Some fields are invalid' },
  idempotency_key_reused: { status: 422, title: 'This Idempotency-Key was used for another request' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  unavailable: { status: 503, title: 'The service is temporarily unavailable' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** What is wrong with one part of a request: a JSON pointer into the body (RFC 6901), a query parameter or a header. */
export type RequestError = { detail: string; pointer?: string; parameter?: string; header?: string };

/** A request that is not carried out. Nothing was changed. */
export type ApiRefusal = {
  ok: false;
  code: ProblemCode;
  detail?: string;
  errors?: RequestError[];
  retryAfterSeconds?: number;
};

/** Refuses a request. */
export const refuse = (code: ProblemCode, extras: Omit<ApiRefusal, 'ok' | 'code'> = {}): ApiRefusal => ({
  ok: false,
  code,
  ...extras,
});

/** Problem details (RFC 9457), as the OpenAPI document describes them. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string().meta({ description: 'May change: use the status or the code.' }),
    status: z.int(),
    code: z.string(),
    detail: z.string().optional(),
    errors: z
      .array(
        z.strictObject({
          detail: z.string(),
          pointer: z
            .string()
            .optional()
            .meta({ description: 'A JSON pointer into the body, like `#/email`.' }),
          parameter: z.string().optional().meta({ description: 'The name of a query parameter.' }),
          header: z.string().optional().meta({ description: 'The name of a header.' }),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457).' });

/** Creates the response to a refused request. */
export function respondWithRefusal(
  { code, detail, errors, retryAfterSeconds }: ApiRefusal,
  headers: Record<string, string> = {},
): Response {
  return createProblem({
    ...PROBLEMS[code],
    code,
    ...(detail !== undefined && { detail }),
    ...(errors && { errors }),
    headers: {
      ...headers,
      ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
    },
  });
}

/** Formats the path of a field as a URI fragment with a JSON pointer (RFC 6901, section 6). */
const formatPointer = (path: PropertyKey[]) =>
  `#${path.map((part) => `/${encodeURIComponent(String(part).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')}`;

/** A client needs no more to correct its request. */
const MAX_ERRORS = 20;

/** Lists the errors of a body or of query parameters that do not match their schema. */
export function listErrors(error: z.ZodError, part: 'pointer' | 'parameter'): RequestError[] {
  const errors = error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: [...issue.path, key], detail: 'This name is unknown.' }));
    return { path: issue.path, detail: issue.message };
  });
  return errors.slice(0, MAX_ERRORS).map(({ path, detail }) => ({
    detail,
    ...(part === 'pointer' ? { pointer: formatPointer(path) } : { parameter: String(path[0] ?? '') }),
  }));
}

/** Refuses a request because a use case found invalid fields. */
export const refuseFields = (fieldErrors: Partial<Record<string, string>>): ApiRefusal =>
  refuse('invalid', {
    errors: Object.entries(fieldErrors).flatMap(([field, detail]) =>
      detail === undefined ? [] : [{ detail, pointer: formatPointer([field]) }],
    ),
  });
