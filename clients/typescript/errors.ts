/** An error that this client throws: either an `ApiError` or a `ConnectionError`. */
export class StagedoorError extends Error {}

/** What is wrong with one part of a request. */
export type RequestError = {
  detail: string;
  /** A JSON pointer into the body, such as `#/email`. */
  pointer?: string;
  /** The name of a query parameter. */
  parameter?: string;
  /** The name of a header. */
  header?: string;
};

/** Problem details (RFC 9457) as Stagedoor sends them. */
export type Problem = {
  type?: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  errors?: RequestError[];
};

const formatError = ({ pointer, parameter, header, detail }: RequestError) => {
  const part = pointer?.replace(/^#\//, '') ?? parameter ?? header;
  return part ? `${part}: ${detail}` : detail;
};

function formatMessage({ title, detail, errors = [] }: Problem): string {
  const sentences = detail ? `${title}. ${detail}` : title;
  return [sentences, ...errors.map(formatError)].join('\n');
}

/** A response with an error status. `code` is stable; the texts are for people. */
export class ApiError extends StagedoorError {
  override name = 'ApiError';
  readonly status: number;
  /** Such as `not_found`; `unknown` if the response has no problem details, for example from a proxy. */
  readonly code: string;
  readonly problem: Problem;
  /** The response's `X-Request-Id`, with which it can be found in Stagedoor's log. */
  readonly requestId: string | undefined;
  /** The seconds to wait before another attempt, if the response says so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    problem: Problem,
    {
      requestId,
      retryAfterSeconds,
    }: { requestId?: string | undefined; retryAfterSeconds?: number | undefined } = {},
  ) {
    super(formatMessage(problem));
    this.status = problem.status;
    this.code = problem.code;
    this.problem = problem;
    this.requestId = requestId;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** The errors of the request's fields, query parameters and headers; empty if there are none. */
  get errors(): RequestError[] {
    return this.problem.errors ?? [];
  }
}

/** There is no usable response. A request that changes something may have been carried out anyway. */
export class ConnectionError extends StagedoorError {
  override name = 'ConnectionError';
}

/** Reads the problem details of a response with an error status. */
export async function readApiError(response: Response): Promise<ApiError> {
  const { status, headers } = response;
  const retryAfter = Number(headers.get('Retry-After') ?? Number.NaN);
  const context = {
    requestId: headers.get('X-Request-Id') ?? undefined,
    retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
  };
  const unknown = { title: `The server responded with status ${status}`, status, code: 'unknown' };
  const isProblem = headers.get('Content-Type')?.startsWith('application/problem+json');
  const body: unknown = isProblem ? await response.json().catch(() => undefined) : undefined;
  // The rest of another body is not needed, and would keep the connection busy.
  if (!isProblem) await response.body?.cancel();
  const problem: Problem = { ...unknown, ...(body as object | undefined), status };
  if (!Array.isArray(problem.errors)) delete problem.errors;
  return new ApiError(problem, context);
}
