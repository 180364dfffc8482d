import { Agent } from 'node:http';
import type { Database } from '#db/client.ts';
import { endOldKey } from '#lib/api-accounts/end-old-key.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { OldKeyChoice } from '#lib/api-accounts/schema.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { revokeLeakedKeys } from '#lib/leaks/revoke-leaked-keys.ts';
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
  /** In each round, the account is deactivated, reactivated and reset, and its next key is collected: see `performRound`. */
  rounds: number;
  onRound?(round: number, result: RevocationLoadResult): void;
};

export type RevocationLoadResult = {
  /** Number of requests during which the right status did not change, so that only one response to them was right. */
  checkedCount: number;
  /** Number of wrong responses by description; empty if there were none. */
  wrongResponses: Record<string, number>;
};

/** Requires a scope, which an account with full access has. */
const PATH = '/verify?scope=orders:read';

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
      const { status } = await requestVerifier(port, { agent, path: PATH, headers: { 'X-API-Key': key } });
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

/** Runs a change, `work`, while requests are sent. `from` and `to`: the right statuses for the current key before and after. */
type Change = (from: number, to: number, work: () => Promise<unknown>) => Promise<void>;
type AccountChanges = Partial<Parameters<typeof updateApiAccount>[2]>;
type Round = RevocationLoadOptions & {
  account: Awaited<ReturnType<typeof createTestAccount>>;
  change: Change;
  /** Sends requests with another key, which works, from now on. */
  switchKey(key: string): Promise<void>;
};

async function reset({ database, administrator, account }: Round, oldKey: OldKeyChoice): Promise<void> {
  const result = await resetApiKey(database, administrator, { id: account.id, oldKey });
  if (!result.ok) throw new Error(result.reason);
}

/** Resets the key, which works on: no request is refused. */
const rotate = (round: Round, oldKey: OldKeyChoice) => round.change(200, 200, () => reset(round, oldKey));

const collect = ({ database, account }: Round) => revealKey(database, account.id);

/** The key ends at the reset. */
async function resetImmediately(round: Round): Promise<void> {
  await round.change(200, 401, () => reset(round, 'immediately'));
  await round.switchKey(await collect(round));
}

/** The key works until an administrator ends it. */
async function resetAndEndOldKey(round: Round): Promise<void> {
  const { database, administrator, account } = round;
  await rotate(round, { hours: 24 });
  const newKey = await collect(round);
  await round.change(200, 401, () => endOldKey(database, administrator, account));
  await round.switchKey(newKey);
}

/** The key works until the next one is collected. */
async function resetUntilCollection(round: Round): Promise<void> {
  await rotate(round, 'on_collection');
  const newKey = Promise.withResolvers<string>();
  await round.change(200, 401, async () => newKey.resolve(await collect(round)));
  await round.switchKey(await newKey.promise);
}

/** The key works until a verifier has allowed a request with the next one. */
async function resetUntilFirstUse(round: Round): Promise<void> {
  await rotate(round, 'on_first_use');
  const newKey = await collect(round);
  await round.change(200, 401, async () => {
    const { status } = await requestVerifier(round.ports[0] ?? 0, { headers: { 'X-API-Key': newKey } });
    if (status !== 200) throw new Error(`the first use was refused: ${status}`);
  });
  await round.switchKey(newKey);
}

const reportLeak = ({ database }: Round, key: string) =>
  revokeLeakedKeys(database, [{ key, url: null }], { source: 'api', ipAddress: '192.0.2.1' });

/** The key ends when it is reported as leaked. */
async function leakKey(round: Round, key: string): Promise<void> {
  await round.change(200, 401, () => reportLeak(round, key));
  await reset(round, 'immediately');
  await round.switchKey(await collect(round));
}

/** The key ends when it is reported as leaked after a reset, from which on it is the old key. */
async function leakOldKey(round: Round, key: string): Promise<void> {
  await rotate(round, { hours: 24 });
  const newKey = await collect(round);
  await round.change(200, 401, () => reportLeak(round, key));
  await round.switchKey(newKey);
}

/** What each round does after a deactivation and a reactivation, in turn. */
const ROUND_ENDS = [
  resetImmediately,
  resetAndEndOldKey,
  resetUntilCollection,
  resetUntilFirstUse,
  leakKey,
  leakOldKey,
];

/** Changes of an account, and how to undo them. Each refuses its keys. */
const REFUSING_CHANGES: [AccountChanges, AccountChanges][] = [
  [{ active: false }, { active: true }],
  [{ expiresAt: new Date(0) }, { expiresAt: null }],
  [{ scopes: [] }, { scopes: null }],
  [{ allowedNetworks: ['192.0.2.0/24'] }, { allowedNetworks: null }],
];

/**
 * Performs one round of changes: an administrator changes the account so that its key is refused, undoes that, and the key
 * ends by a reset or a leak. Consecutive rounds combine the changes in different ways.
 */
async function performRound(round: Round, number: number, key: string): Promise<void> {
  const { database, administrator, account, change } = round;
  const save = async (changes: AccountChanges) => {
    const result = await updateApiAccount(database, administrator, { ...account, ...changes });
    if (!result.ok) throw new Error(result.reason);
    Object.assign(account, result.account);
  };
  const [refuse, undo] = REFUSING_CHANGES[number % REFUSING_CHANGES.length] ?? [{}, {}];
  await change(200, 403, () => save(refuse));
  await change(403, 200, () => save(undo));
  const ends = Math.floor(number / REFUSING_CHANGES.length) + number;
  await ROUND_ENDS[ends % ROUND_ENDS.length]?.(round, key);
}

/**
 * Sends requests with one key to verifiers, while an administrator deactivates, reactivates and resets its account, with
 * each choice for the end of the old key in turn.
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
  const check = async (phase: Phase) => {
    load.enterPhase(phase);
    await load.waitForAllConnections();
  };
  const change: Change = async (from, to, work) => {
    const { key } = load;
    load.enterPhase({ key, statuses: [from, to] });
    await work();
    await check({ key, statuses: [to] });
  };
  const switchKey = (key: string) => check({ key, statuses: [200] });
  const performRounds = async () => {
    for (let round = 1; round <= rounds; round += 1) {
      await performRound({ ...options, account, change, switchKey }, round, load.key);
      onRound?.(round, load.result);
    }
  };
  await Promise.race([performRounds(), load.stopped]).finally(() => load.stop());
  return load.result;
}
