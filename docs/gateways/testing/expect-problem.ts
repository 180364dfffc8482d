import { expect } from 'vitest';
import type { VerifierResponse } from '#lib/testing/verifier.ts';
import type { HttpResponse } from '#lib/verifier/responses.ts';

/** Expects the verifier's problem details, whether the gateway forwards them or sends a copy from its configuration. */
export function expectProblem({ status, headers, body }: VerifierResponse, expected: HttpResponse): void {
  expect(status).toBe(expected.status);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  expect(JSON.parse(body)).toEqual(JSON.parse(expected.body));
}
