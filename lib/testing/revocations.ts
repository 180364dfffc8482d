import { Agent } from 'node:http';
import type { Database } from '#db/client.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { revealKey, testAccount } from './accounts.ts';
import { requestVerifier } from './verifier.ts';

export type RevocationLoadOptions = {
  /** The database in which the account is changed. */
  database: Database;
  administrator: Administrator;
  /** Ports of the verifiers. */
  ports: number[];
  connectionsPerVerifier: number;
  /** In each round the account is deactivated, reactivated and reset, and its next key is collected. */
  rounds: number;
  onRound?(round: number, result: RevocationLoadResult): void;
};

export type RevocationLoadResult = {
  /** Number of requests with one right response, because nothing changed for their key meanwhile. */
  judged: number;
  /** Number of wrong responses by description; empty if there were none. */
  wrong: Record<string, number>;
};

/** A key and the right statuses for it: one, or two while a change is in progress. */
type Phase = { key: string; statuses: number[] };

/** Returns the right statuses for a request with this key that lasted through these phases. */
function rightStatuses(phases: Phase[], key: string): Set<number> {
  // In a phase with another key, this key is revoked.
  return new Set(phases.flatMap((phase) => (phase.key === key ? phase.statuses : [401])));
}

/**
 * Sends requests with the current key on many connections, and checks every response.
 * While a change is in progress, they send continuously. After it, each sends until it has a response that counts.
 */
class RevocationLoad {
  readonly result: RevocationLoadResult = { judged: 0, wrong: {} };
  /** Rejects if a request fails. */
  readonly failed: Promise<unknown>;
  #phases: Phase[];
  #running = true;
  #connections: number;
  /** Number of connections that have a response that counts in the current phase. */
  #satisfied = 0;
  #allSatisfied = Promise.withResolvers<void>();
  #nextPhase = Promise.withResolvers<void>();

  constructor(key: string, { ports, connectionsPerVerifier }: RevocationLoadOptions) {
    this.#phases = [{ key, statuses: [200] }];
    this.#connections = ports.length * connectionsPerVerifier;
    this.failed = Promise.all(
      ports.map(async (port) => {
        const agent = new Agent({ keepAlive: true, maxSockets: connectionsPerVerifier });
        const all = Array.from({ length: connectionsPerVerifier }, () => this.#sendRequests(port, agent));
        await Promise.all(all).finally(() => agent.destroy());
      }),
    );
    // Prevents an unhandled rejection until the promise is awaited.
    this.failed.catch(() => {});
  }

  get #current(): Phase {
    return this.#phases.at(-1) as Phase;
  }

  get key(): string {
    return this.#current.key;
  }

  enter(phase: Phase): void {
    this.#phases.push(phase);
    this.#satisfied = 0;
    this.#allSatisfied = Promise.withResolvers();
    this.#nextPhase.resolve();
    this.#nextPhase = Promise.withResolvers();
  }

  /** Resolves when every connection has had a response to a request that started and ended in the current phase. */
  waitForAll(): Promise<void> {
    return this.#allSatisfied.promise;
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#nextPhase.resolve();
    await this.failed;
  }

  async #sendRequests(port: number, agent: Agent): Promise<void> {
    while (this.#running) {
      const began = this.#phases.length - 1;
      const { key } = this.#current;
      const { status } = await requestVerifier(port, { agent, headers: { 'X-API-Key': key } });
      this.#check({ began, key, status });
      if (began !== this.#phases.length - 1 || this.#current.statuses.length > 1) continue;
      this.result.judged += 1;
      this.#satisfied += 1;
      if (this.#satisfied === this.#connections) this.#allSatisfied.resolve();
      if (this.#running) await this.#nextPhase.promise;
    }
  }

  #check({ began, key, status }: { began: number; key: string; status: number }): void {
    const right = rightStatuses(this.#phases.slice(began), key);
    if (right.has(status)) return;
    const { wrong } = this.result;
    const what = `${status} instead of ${[...right].join(' or ')}`;
    wrong[what] = (wrong[what] ?? 0) + 1;
  }
}

/** Performs one round of changes. `change` performs one of them, which moves the key from one status to another. */
async function performRound(
  { database, administrator }: RevocationLoadOptions,
  account: Awaited<ReturnType<typeof testAccount>>,
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
 * The next change starts once every connection has a response to a request sent after the last change.
 *
 * A request that started after a change was confirmed and ended before the next one started has one right response.
 * A request that overlaps a change may get the response from before or after it, and no other.
 */
export async function loadTestRevocations(options: RevocationLoadOptions): Promise<RevocationLoadResult> {
  const { database, administrator, rounds, onRound } = options;
  const account = await testAccount(database, administrator);
  const load = new RevocationLoad(await revealKey(database, account.id), options);
  const change = async (from: number, to: number, work: () => Promise<string | undefined>) => {
    const { key } = load;
    // While the next key is being collected, the previous one stays revoked.
    load.enter({ key, statuses: from === 401 ? [401] : [from, to] });
    const newKey = await work();
    load.enter({ key: newKey ?? key, statuses: [to] });
    await load.waitForAll();
  };
  const performAll = async () => {
    for (let round = 1; round <= rounds; round += 1) {
      await performRound(options, account, change);
      onRound?.(round, load.result);
    }
  };
  await Promise.race([performAll(), load.failed]).finally(() => load.stop());
  return load.result;
}
