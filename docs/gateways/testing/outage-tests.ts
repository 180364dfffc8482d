import { expect, it } from 'vitest';
import { accountWithKey } from '#lib/testing/verifying.ts';
import { UNAVAILABLE } from '#lib/verifier/answers.ts';
import { expectAnswer } from './expect-answer.ts';
import { type StartGateway, setScene } from './scene.ts';
import { bearer, send } from './send.ts';

/** Where the verifier does not say yes, nobody gets through. */
export function testOutages(start: StartGateway): void {
  it.each(['without its database', 'gone', 'silent'] as const)(
    'answers 503 where the verifier is %s',
    async (condition) => {
      const scene = await setScene(start, condition);
      try {
        const { key } = await accountWithKey(scene.pool);
        const ask = (method: string) => send(scene.port, { method, headers: [bearer(key)] });
        for (const got of await Promise.all([ask('GET'), ask('POST')])) {
          expectAnswer(got, UNAVAILABLE);
          expect(got.headers['retry-after']).toMatch(/^\d+$/);
        }
        expect(scene.backEnd.asked).toBe(0);
      } finally {
        await scene.close();
      }
    },
  );
}

/** That the API is away is another matter than that a key cannot be checked. */
export function testBackEndAway(start: StartGateway): void {
  it('does not take the back end’s outage for its own', async () => {
    const scene = await setScene(start);
    try {
      const { key } = await accountWithKey(scene.pool);
      await scene.backEnd.close();
      const got = await send(scene.port, { headers: [bearer(key)] });
      expect(got.status).toBeGreaterThan(500);
      expect(got.body).not.toContain('urn:stagedoor');
    } finally {
      await scene.close();
    }
  });
}
