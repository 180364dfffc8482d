import { expect } from 'vitest';
import type { Got } from '#lib/testing/verifying.ts';
import type { HttpResponse } from '#lib/verifier/responses.ts';

/** It is the verifier's own answer, word for word, even where a gateway has to write it out. */
export function expectAnswer({ status, headers, body }: Got, answer: HttpResponse): void {
  expect(status).toBe(answer.status);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  expect(JSON.parse(body)).toEqual(JSON.parse(answer.body));
}
