import { Agent } from 'node:http';
import type { Database } from '#db/client.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { revealKey, testAccount } from './accounts.ts';
import { ask } from './verifying.ts';

export type Hammering = {
  /** Where the acts are done. */
  database: Database;
  administrator: Administrator;
  /** The verifiers'. */
  ports: number[];
  connectionsPerVerifier: number;
  /** In each the account is unticked, ticked again and reset, and its next key revealed. */
  rounds: number;
  onRound?(round: number, hammered: Hammered): void;
};

export type Hammered = {
  /** Requests that had one right answer: nothing changed for their key while they were under way. */
  judged: number;
  /** How often which answer was not the right one: empty where all were. */
  wrong: Record<string, number>;
};

/** What is true of the key that is asked with: one answer, or two while an act is under way. */
type Phase = { key: string; statuses: number[] };

/** What may be answered to a request with this key that lasted through these phases. */
function rightAnswers(phases: Phase[], key: string): Set<number> {
  // A later key was revealed meanwhile: this one is dead.
  return new Set(phases.flatMap((phase) => (phase.key === key ? phase.statuses : [401])));
}

/**
 * Many connections that ask with the present key, and judge every answer. While an act is under way they ask on and
 * on; once it was answered, each asks until it has an answer that counts.
 */
class Hammers {
  readonly hammered: Hammered = { judged: 0, wrong: {} };
  /** Rejects where a request got no answer. */
  readonly failed: Promise<unknown>;
  #phases: Phase[];
  #running = true;
  #connections: number;
  /** How many connections have an answer that counts in the present phase. */
  #satisfied = 0;
  #allSatisfied = Promise.withResolvers<void>();
  #nextPhase = Promise.withResolvers<void>();

  constructor(key: string, { ports, connectionsPerVerifier }: Hammering) {
    this.#phases = [{ key, statuses: [200] }];
    this.#connections = ports.length * connectionsPerVerifier;
    this.failed = Promise.all(
      ports.map(async (port) => {
        const agent = new Agent({ keepAlive: true, maxSockets: connectionsPerVerifier });
        const all = Array.from({ length: connectionsPerVerifier }, () => this.#hammer(port, agent));
        await Promise.all(all).finally(() => agent.destroy());
      }),
    );
    // Whoever waits for it sees it; until then it is nobody's.
    this.failed.catch(() => {});
  }

  get #present(): Phase {
    return this.#phases.at(-1) as Phase;
  }

  get key(): string {
    return this.#present.key;
  }

  enter(phase: Phase): void {
    this.#phases.push(phase);
    this.#satisfied = 0;
    this.#allSatisfied = Promise.withResolvers();
    this.#nextPhase.resolve();
    this.#nextPhase = Promise.withResolvers();
  }

  /** Resolves when every connection has had an answer to a request that began and ended in the present phase. */
  judgeAll(): Promise<void> {
    return this.#allSatisfied.promise;
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#nextPhase.resolve();
    await this.failed;
  }

  async #hammer(port: number, agent: Agent): Promise<void> {
    while (this.#running) {
      const began = this.#phases.length - 1;
      const { key } = this.#present;
      const { status } = await ask(port, { agent, headers: { 'X-API-Key': key } });
      this.#judge({ began, key, status });
      if (began !== this.#phases.length - 1 || this.#present.statuses.length > 1) continue;
      this.hammered.judged += 1;
      this.#satisfied += 1;
      if (this.#satisfied === this.#connections) this.#allSatisfied.resolve();
      if (this.#running) await this.#nextPhase.promise;
    }
  }

  #judge({ began, key, status }: { began: number; key: string; status: number }): void {
    const right = rightAnswers(this.#phases.slice(began), key);
    if (right.has(status)) return;
    const { wrong } = this.hammered;
    const what = `${status} instead of ${[...right].join(' or ')}`;
    wrong[what] = (wrong[what] ?? 0) + 1;
  }
}

/** One round of acts. `act` does one, which takes the key's answer from the first status to the second. */
async function actOnce(
  { database, administrator }: Hammering,
  account: Awaited<ReturnType<typeof testAccount>>,
  act: (from: number, to: number, work: () => Promise<string | undefined>) => Promise<void>,
): Promise<void> {
  const tick = async (active: boolean) => {
    const result = await updateApiAccount(database, administrator, { ...account, active });
    if (!result.ok) throw new Error(result.reason);
    Object.assign(account, result.account);
    return undefined;
  };
  await act(200, 403, () => tick(false));
  await act(403, 200, () => tick(true));
  await act(200, 401, async () => {
    const result = await resetApiKey(database, administrator, { id: account.id });
    if (!result.ok) throw new Error(result.reason);
    return undefined;
  });
  await act(401, 200, () => revealKey(database, account.id));
}

/**
 * Hammers verifiers with one key from many connections, while an administrator unticks, ticks and resets its
 * account over and over. The next act begins once every connection has an answer by the one before.
 *
 * A request that began after an act was answered and ended before the next one began has one right answer. One
 * that was under way during an act may be answered as before it or as after it, and in no other way.
 */
export async function hammerThroughRevocations(hammering: Hammering): Promise<Hammered> {
  const { database, administrator, rounds, onRound } = hammering;
  const account = await testAccount(database, administrator);
  const hammers = new Hammers(await revealKey(database, account.id), hammering);
  const act = async (from: number, to: number, work: () => Promise<string | undefined>) => {
    const { key } = hammers;
    // While a key is being revealed, the one before stays dead.
    hammers.enter({ key, statuses: from === 401 ? [401] : [from, to] });
    const fresh = await work();
    hammers.enter({ key: fresh ?? key, statuses: [to] });
    await hammers.judgeAll();
  };
  const actAll = async () => {
    for (let round = 1; round <= rounds; round += 1) {
      await actOnce(hammering, account, act);
      onRound?.(round, hammers.hammered);
    }
  };
  await Promise.race([actAll(), hammers.failed]).finally(() => hammers.stop());
  return hammers.hammered;
}
