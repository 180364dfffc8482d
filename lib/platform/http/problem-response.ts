type Problem = {
  status: number;
  /** Identifies the kind of problem for programs. */
  code: string;
  /** A short summary for people, the same for every occurrence. */
  title: string;
  detail?: string;
  /** What is wrong with parts of the request. */
  errors?: object[];
  headers?: Record<string, string>;
};

/** Creates a problem details response (RFC 9457). */
export function createProblem({ status, code, title, detail, errors, headers }: Problem): Response {
  const content = {
    type: `urn:stagedoor:problem:${code}`,
    title,
    status,
    code,
    ...(detail !== undefined && { detail }),
    ...(errors && { errors }),
  };
  return Response.json(content, {
    status,
    headers: { 'Cache-Control': 'no-store', ...headers, 'Content-Type': 'application/problem+json' },
  });
}
