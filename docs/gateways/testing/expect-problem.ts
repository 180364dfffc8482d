import { expect } from 'vitest';
import type { VerifierResponse } from '#lib/testing/verifier.ts';
import type { HttpResponse } from '#lib/verifier/responses.ts';

/** Expects exactly the verifier's problem details, even if the gateway's configuration repeats them. */
export function expectProblem({ status, headers, body }: VerifierResponse, expected: HttpResponse): void {
  expect(status).toBe(expected.status);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  expect(JSON.parse(body)).toEqual(JSON.parse(expected.body));
}
