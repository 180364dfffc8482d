import { beforeAll, expect, it } from 'vitest';
import { accountWithKey, type Got } from '#lib/testing/verifying.ts';
import { UNAVAILABLE } from '#lib/verifier/responses.ts';
import { expectAnswer } from './expect-answer.ts';
import { type Condition, type Scene, type StartGateway, setScene } from './scene.ts';
import { bearer, send } from './send.ts';

const VERIFIER_OUTAGES = ['without its database', 'gone', 'silent'] as const;

/** What the gateway answered, and how many requests reached the back end. */
type Outcome = { answers: Got[]; reached: number };

async function askDuring(
  start: StartGateway,
  condition: Condition,
  methods: string[],
  prepare?: (scene: Scene) => Promise<void>,
): Promise<Outcome> {
  const scene = await setScene(start, condition);
  try {
    const { key } = await accountWithKey(scene.pool);
    await prepare?.(scene);
    const ask = (method: string) => send(scene.port, { method, headers: [bearer(key)] });
    return { answers: await Promise.all(methods.map(ask)), reached: scene.backEnd.asked };
  } finally {
    await scene.close();
  }
}

/**
 * Tests a gateway during outages. They last for seconds in the gateway's own configuration, so all of them happen at
 * the same time.
 * @param ownsBackEnd whether the gateway is a program of its own in front of the back end
 */
export function testOutages(start: StartGateway, ownsBackEnd: boolean): void {
  const outcomes = new Map<string, Outcome>();
  beforeAll(async () => {
    const ofVerifier = VERIFIER_OUTAGES.map(async (condition) =>
      outcomes.set(condition, await askDuring(start, condition, ['GET', 'POST'])),
    );
    const ofBackEnd = async () =>
      outcomes.set('back end', await askDuring(start, 'well', ['GET'], ({ backEnd }) => backEnd.close()));
    await Promise.all([...ofVerifier, ownsBackEnd && ofBackEnd()]);
  }, 60_000);

  it.each(VERIFIER_OUTAGES)('answers 503 when the verifier is %s', (condition) => {
    const { answers, reached } = outcomes.get(condition) as Outcome;
    expect(answers).toHaveLength(2);
    for (const answer of answers) {
      expectAnswer(answer, UNAVAILABLE);
      expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    }
    expect(reached).toBe(0);
  });

  // Not skipped if it does not apply: a skipped test is one that the machine cannot run.
  if (!ownsBackEnd) return;
  it('distinguishes an outage of the back end from one of the verifier', () => {
    const { answers } = outcomes.get('back end') as Outcome;
    expect(answers).toHaveLength(1);
    expect(answers[0]?.status).toBeGreaterThan(500);
    expect(answers[0]?.body).not.toContain('urn:stagedoor');
  });
}
