import { setTimeout as delay } from 'node:timers/promises';
import type { Contender, Series } from './figures.ts';
import type { Load, Measured } from './load.ts';
import { say } from './progress.ts';

const ROUNDS = 8;
const SECONDS = 3;
/** Before each measurement: what the last one left to write, such as a second's counts, is written by then. */
const PAUSE_MS = 1_200;
const WARM_UP_SECONDS = 3;
const CHECK_SECONDS = 1;

/** For the output. */
export const HOW = `medians of ${ROUNDS} rounds of ${SECONDS} s each, ratios taken round by round`;

/** @throws unless every single answer was the expected one */
async function check(load: Load, contender: Contender): Promise<void> {
  const { statuses, broken } = await load.ask({ ...contender, seconds: CHECK_SECONDS, counting: true });
  const others = Object.keys(statuses).filter((status) => status !== String(contender.expected));
  if (others.length > 0 || !statuses[contender.expected] || broken > 0)
    throw new Error(`${contender.name} answered ${JSON.stringify(statuses)}, with ${broken} broken`);
}

/** Brings every server to its usual speed, and sees that each answers as it should. */
async function prepare(load: Load, contenders: Contender[], tell: typeof say): Promise<void> {
  const warm = new Set<number>();
  for (const contender of contenders) {
    const { name, connections, port } = contender;
    tell(`warming up and checking: ${name}, ${connections} connections`);
    if (!warm.has(port)) await load.ask({ ...contender, seconds: WARM_UP_SECONDS });
    warm.add(port);
    await check(load, contender);
  }
}

async function measure(load: Load, contender: Contender): Promise<Measured> {
  const measured = await load.ask({ ...contender, seconds: SECONDS });
  const { requests, refused, broken } = measured;
  const unexpected = contender.expected < 400 ? refused : requests - refused;
  if (requests === 0 || unexpected > 0 || broken > 0)
    throw new Error(`${contender.name}: ${unexpected} of ${requests} answers unexpected, ${broken} broken`);
  return measured;
}

/**
 * Measures every contender in turn, and that several times over, so that all of them share the machine's moods;
 * every other round goes backwards, so that none always follows the same one.
 */
export async function measureAll(
  load: Load,
  contenders: Contender[],
  { tell = say, pauseMs = PAUSE_MS } = {},
): Promise<Series[]> {
  const series = contenders.map(({ name, connections }) => ({ name, connections, rounds: [] as Measured[] }));
  await prepare(load, contenders, tell);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const order = contenders.map((contender, index) => ({ contender, rounds: series[index]?.rounds }));
    if (round % 2 === 0) order.reverse();
    for (const [turn, { contender, rounds }] of order.entries()) {
      const { name, connections } = contender;
      tell(
        `round ${round} of ${ROUNDS}, ${turn + 1} of ${order.length}: ${name}, ${connections} connections`,
      );
      await delay(pauseMs);
      rounds?.push(await measure(load, contender));
    }
  }
  return series;
}
