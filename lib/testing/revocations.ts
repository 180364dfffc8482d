import { Agent } from 'node:http';
import type { Database } from '#db/client.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, revealKey } from './accounts.ts';
import { requestVerifier } from './verifier.ts';

export type RevocationLoadOptions = {
  /** The database in which the account is changed. */
  database: Database;
  administrator: Administrator;
  /** Ports of the verifiers. */
  ports: number[];
  connectionsPerVerifier: number;
  /** In each round, the account is deactivated, reactivated and reset, and its next key is collected. */
  rounds: number;
  onRound?(round: number, result: RevocationLoadResult): void;
};

export type RevocationLoadResult = {
  /** Number of requests during which the right status did not change, so that only one response to them was right. */
  checkedCount: number;
  /** Number of wrong responses by description; empty if there were none. */
  wrongResponses: Record<string, number>;
};

/** A period of the test: the current key, and the right statuses for it. During a change, two may be right. */
type Phase = { key: string; statuses: number[] };

/** Returns the right statuses for a request with this key that overlapped these phases. */
function findRightStatuses(phases: Phase[], key: string): Set<number> {
  // In a phase with another key, this key is revoked.
  return new Set(phases.flatMap((phase) => (phase.key === key ? phase.statuses : [401])));
}

/**
 * Sends requests with the current key on many connections, and checks every response.
 * While a change makes two responses right, each connection sends requests continuously. Otherwise, each sends until
 * one of its requests has started and ended in the current phase, and then waits for the next phase.
 */
class RevocationLoad {
  readonly result: RevocationLoadResult = { checkedCount: 0, wrongResponses: {} };
  /** Resolves when all connections have stopped. Rejects if a request fails. */
  readonly stopped: Promise<unknown>;
  #phases: Phase[];
  #isRunning = true;
  #connections: number;
  /** Number of connections with a request that started and ended in the current phase. */
  #checkedConnections = 0;
  #allChecked = Promise.withResolvers<void>();
  #nextPhase = Promise.withResolvers<void>();

  constructor(key: string, { ports, connectionsPerVerifier }: RevocationLoadOptions) {
    this.#phases = [{ key, statuses: [200] }];
    this.#connections = ports.length * connectionsPerVerifier;
    this.stopped = Promise.all(
      ports.map(async (port) => {
        const agent = new Agent({ keepAlive: true, maxSockets: connectionsPerVerifier });
        const all = Array.from({ length: connectionsPerVerifier }, () => this.#sendRequests(port, agent));
        await Promise.all(all).finally(() => agent.destroy());
      }),
    );
    // Prevents an unhandled rejection until the promise is awaited.
    this.stopped.catch(() => {});
  }

  get #currentPhase(): Phase {
    return this.#phases.at(-1) as Phase;
  }

  get key(): string {
    return this.#currentPhase.key;
  }

  /** Starts the next phase. */
  enterPhase(phase: Phase): void {
    this.#phases.push(phase);
    this.#checkedConnections = 0;
    this.#allChecked = Promise.withResolvers();
    this.#nextPhase.resolve();
    this.#nextPhase = Promise.withResolvers();
  }

  /** Resolves when every connection has had a response to a request that started and ended in the current phase. */
  waitForAllConnections(): Promise<void> {
    return this.#allChecked.promise;
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#nextPhase.resolve();
    await this.stopped;
  }

  async #sendRequests(port: number, agent: Agent): Promise<void> {
    while (this.#isRunning) {
      const firstPhase = this.#phases.length - 1;
      const { key } = this.#currentPhase;
      const { status } = await requestVerifier(port, { agent, headers: { 'X-API-Key': key } });
      this.#check({ firstPhase, key, status });
      if (firstPhase !== this.#phases.length - 1 || this.#currentPhase.statuses.length > 1) continue;
      this.result.checkedCount += 1;
      this.#checkedConnections += 1;
      if (this.#checkedConnections === this.#connections) this.#allChecked.resolve();
      if (this.#isRunning) await this.#nextPhase.promise;
    }
  }

  #check({ firstPhase, key, status }: { firstPhase: number; key: string; status: number }): void {
    const rightStatuses = findRightStatuses(this.#phases.slice(firstPhase), key);
    if (rightStatuses.has(status)) return;
    const { wrongResponses } = this.result;
    const description = `${status} instead of ${[...rightStatuses].join(' or ')}`;
    wrongResponses[description] = (wrongResponses[description] ?? 0) + 1;
  }
}

/**
 * Performs one round of changes. `change` runs one of them, `work`, while requests are sent. `from` and `to`: the right
 * statuses for the current key before and after it. `work` returns the next key, if it collects one.
 */
async function performRound(
  { database, administrator }: RevocationLoadOptions,
  account: Awaited<ReturnType<typeof createTestAccount>>,
  change: (from: number, to: number, work: () => Promise<string | undefined>) => Promise<void>,
): Promise<void> {
  const setActive = async (active: boolean) => {
    const result = await updateApiAccount(database, administrator, { ...account, active });
    if (!result.ok) throw new Error(result.reason);
    Object.assign(account, result.account);
    return undefined;
  };
  await change(200, 403, () => setActive(false));
  await change(403, 200, () => setActive(true));
  await change(200, 401, async () => {
    const result = await resetApiKey(database, administrator, { id: account.id });
    if (!result.ok) throw new Error(result.reason);
    return undefined;
  });
  await change(401, 200, () => revealKey(database, account.id));
}

/**
 * Sends requests with one key to verifiers, while an administrator deactivates, reactivates and resets its account.
 * A change starts only once every connection has a response to a request that it sent after the previous change.
 *
 * A request that started after a change was confirmed and ended before the next one started has one right response.
 * A request that overlaps a change may get the response from before or after the change, and no other.
 */
export async function checkRevocationsUnderLoad(
  options: RevocationLoadOptions,
): Promise<RevocationLoadResult> {
  const { database, administrator, rounds, onRound } = options;
  const account = await createTestAccount(database, administrator);
  const load = new RevocationLoad(await revealKey(database, account.id), options);
  const change = async (from: number, to: number, work: () => Promise<string | undefined>) => {
    const { key } = load;
    // While the next key is being collected, the previous one stays revoked.
    load.enterPhase({ key, statuses: from === 401 ? [401] : [from, to] });
    const newKey = await work();
    load.enterPhase({ key: newKey ?? key, statuses: [to] });
    await load.waitForAllConnections();
  };
  const performRounds = async () => {
    for (let round = 1; round <= rounds; round += 1) {
      await performRound(options, account, change);
      onRound?.(round, load.result);
    }
  };
  await Promise.race([performRounds(), load.stopped]).finally(() => load.stop());
  return load.result;
}
