import { beforeAll, expect, it } from 'vitest';
import { insertAccountWithKey, type VerifierResponse } from '#lib/testing/verifier.ts';
import { UNAVAILABLE_RESPONSE } from '#lib/verifier/responses.ts';
import { expectProblem } from './expect-problem.ts';
import { createBearerHeader, send } from './send.ts';
import { type StartGateway, startTestBed, type VerifierState } from './test-bed.ts';

const VERIFIER_OUTAGES = ['without its database', 'stopped', 'silent'] as const;

/** The gateway's responses, and how many requests reached the back end: always 0 with middleware, which uses none. */
type Outcome = { responses: VerifierResponse[]; requestCount: number };

async function sendDuringOutage(
  start: StartGateway,
  verifierState: VerifierState,
  methods: string[],
  options?: { isBackEndStopped: boolean },
): Promise<Outcome> {
  const testBed = await startTestBed(start, verifierState, options);
  try {
    const { key } = await insertAccountWithKey(testBed.pool);
    const sendWith = (method: string) => send(testBed.port, { method, headers: [createBearerHeader(key)] });
    return {
      responses: await Promise.all(methods.map(sendWith)),
      requestCount: testBed.backEnd.requestCount,
    };
  } finally {
    await testBed.close();
  }
}

/**
 * Defines the tests of a gateway during outages.
 * Gateways wait for their timeouts of several seconds, so all outages happen at the same time.
 * @param isProxy whether the gateway is a proxy in front of the back end; otherwise it is middleware, in a server of its own
 */
export function testOutages(start: StartGateway, isProxy: boolean): void {
  const outcomes = new Map<string, Outcome>();
  beforeAll(async () => {
    const verifierOutages = VERIFIER_OUTAGES.map(async (state) =>
      outcomes.set(state, await sendDuringOutage(start, state, ['GET', 'POST'])),
    );
    const backEndOutage = async () =>
      outcomes.set('back end', await sendDuringOutage(start, 'running', ['GET'], { isBackEndStopped: true }));
    await Promise.all([...verifierOutages, isProxy && backEndOutage()]);
  });

  it.each(VERIFIER_OUTAGES)('responds with 503 if the verifier is %s', (state) => {
    const { responses, requestCount } = outcomes.get(state) as Outcome;
    expect(responses).toHaveLength(2);
    for (const response of responses) {
      expectProblem(response, UNAVAILABLE_RESPONSE);
      expect(response.headers['retry-after']).toMatch(/^\d+$/);
    }
    expect(requestCount).toBe(0);
  });

  // Define no test instead of skipping one: a skipped test is one that this machine cannot run.
  if (!isProxy) return;
  it('responds with 502 to 504, without the verifier’s problem details, if the back end is stopped', () => {
    const { responses } = outcomes.get('back end') as Outcome;
    expect(responses).toHaveLength(1);
    expect(responses[0]?.status).toBeGreaterThanOrEqual(502);
    expect(responses[0]?.status).toBeLessThanOrEqual(504);
    expect(responses[0]?.body).not.toContain('urn:stagedoor');
  });
}
