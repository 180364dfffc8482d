import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario, Series } from './figures.ts';
import type { LoadGenerator, LoadResult } from './load-generator.ts';
import { showProgress } from './progress.ts';

const ROUNDS = 8;
const SECONDS = 3;
/** The pause before each measurement, so that the previous server can write its usage counts, which it does each second. */
const PAUSE_MS = 1_200;
const WARM_UP_SECONDS = 3;
const CHECK_SECONDS = 1;

/** The method, as the results describe it. */
export const METHOD = `medians of ${ROUNDS} rounds of ${SECONDS} s each; each ratio is the median of the rounds' ratios`;

/** @throws an Error unless every response has the expected status */
async function checkResponses(load: LoadGenerator, scenario: Scenario): Promise<void> {
  const { statuses, failures } = await load.run({
    ...scenario,
    seconds: CHECK_SECONDS,
    countStatuses: true,
  });
  const unexpected = Object.keys(statuses).filter((status) => status !== String(scenario.expected));
  if (unexpected.length > 0 || !statuses[scenario.expected] || failures > 0)
    throw new Error(`${scenario.name} returned ${JSON.stringify(statuses)}, with ${failures} failures`);
}

/** Warms up every server, and checks the responses of every scenario. */
async function prepareScenarios(
  load: LoadGenerator,
  scenarios: Scenario[],
  onProgress: typeof showProgress,
): Promise<void> {
  const warmPorts = new Set<number>();
  for (const scenario of scenarios) {
    const { name, connections, port } = scenario;
    onProgress(`warming up and checking: ${name}, ${connections} connections`);
    if (!warmPorts.has(port)) await load.run({ ...scenario, seconds: WARM_UP_SECONDS });
    warmPorts.add(port);
    await checkResponses(load, scenario);
  }
}

async function measureScenario(load: LoadGenerator, scenario: Scenario): Promise<LoadResult> {
  const result = await load.run({ ...scenario, seconds: SECONDS });
  const { requests, errorResponses, failures } = result;
  const unexpected = scenario.expected < 400 ? errorResponses : requests - errorResponses;
  if (requests === 0 || unexpected > 0 || failures > 0)
    throw new Error(
      `${scenario.name}: ${unexpected} of ${requests} responses were unexpected, with ${failures} failures`,
    );
  return result;
}

/**
 * Measures all scenarios in several rounds, so that changes in the machine's speed affect all of them.
 * Every second round runs in reverse order, so that no scenario always follows the same one.
 */
export async function measureAll(
  load: LoadGenerator,
  scenarios: Scenario[],
  { onProgress = showProgress, pauseMs = PAUSE_MS } = {},
): Promise<Series[]> {
  const series = scenarios.map(({ name, connections }) => ({
    name,
    connections,
    rounds: [] as LoadResult[],
  }));
  await prepareScenarios(load, scenarios, onProgress);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const order = scenarios.map((scenario, index) => ({ scenario, rounds: series[index]?.rounds }));
    if (round % 2 === 0) order.reverse();
    for (const [index, { scenario, rounds }] of order.entries()) {
      const { name, connections } = scenario;
      onProgress(
        `round ${round} of ${ROUNDS}, ${index + 1} of ${order.length}: ${name}, ${connections} connections`,
      );
      await delay(pauseMs);
      rounds?.push(await measureScenario(load, scenario));
    }
  }
  return series;
}
