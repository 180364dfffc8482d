import type fc from 'fast-check';
import { expect } from 'vitest';
import type { Database } from '#db/client.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { letTimePass, testAccount } from './accounts.ts';
import { expectSound, expectVerified, type ShownKey } from './reveal-invariants.ts';
import { RevealModel } from './reveal-model.ts';
import { type RevealSnapshot, takeSnapshot } from './reveal-snapshot.ts';

/** What the accounts of many runs share. */
export type Installation = {
  database: Database;
  administrators: [Administrator, Administrator];
  /** Asks a verifier with a key: the answer's status. */
  ask(key: string): Promise<number>;
};

/** A real account, and what its integrator was shown. */
export type RevealWorld = Installation & {
  accountId: string;
  shown: ShownKey[];
  /** The database's clock, in seconds, when the account's clock last agreed with the model's. */
  agreedAt: number;
};

/** An account of a run's own, and a model of it. */
export async function createRevealWorld(installation: Installation) {
  const { database, administrators } = installation;
  const { id: accountId, email, phone } = await testAccount(database, administrators[0]);
  const snapshot = await takeSnapshot(database.$client, accountId);
  const real: RevealWorld = { ...installation, accountId, shown: [], agreedAt: snapshot.now };
  const model = new RevealModel({ email, phone });
  model.adopt(snapshot);
  return { model, real };
}

function describeReal({ account, reveals, messages, audit }: RevealSnapshot, known: Record<string, number>) {
  const acts: Record<string, number> = {};
  for (const { act } of audit.filter((row) => row.act in known)) acts[act] = (acts[act] ?? 0) + 1;
  const { revealId, digest, ...fields } = account;
  return {
    account: { ...fields, hasKey: digest !== null },
    links: reveals.map(({ id, email, phone, generation, newCodes, codeTries, linkTries, ...rest }) => ({
      ...{ id, email, phone, generation, newCodes, ended: rest.endedBecause },
      // Of two who sent the right code at once, the later may have spent a try as well.
      tries: rest.endedBecause === 'shown' ? null : [codeTries, linkTries],
      late: id === revealId && [rest.late, rest.codeLate],
    })),
    messages: messages.map(({ id, revealId: link, generation, state, attempts }) => {
      return { id, link, generation, state, attempts };
    }),
    acts,
  };
}

function describeModel({ account, hasKey, links, messages, acts, now }: RevealModel) {
  return {
    account: { ...account, hasKey },
    links: links.map(({ id, email, phone, generation, newCodes, codeTries, linkTries, ended, ...times }) => ({
      ...{ id, email, phone, generation, newCodes, ended },
      tries: ended === 'shown' ? null : [codeTries, linkTries],
      late: id === links.at(-1)?.id && [now >= times.expiresAt, now >= times.codeExpiresAt],
    })),
    messages: messages.map(({ link, ...message }) => ({ ...message, link: link.id })),
    acts,
  };
}

/** After each act: all is as modelled, every invariant holds, and the verifier knows the live key and no other. */
async function expectAsModelled(model: RevealModel, real: RevealWorld): Promise<void> {
  const snapshot = await takeSnapshot(real.database.$client, real.accountId);
  model.adopt(snapshot);
  expect(describeReal(snapshot, model.acts)).toEqual(describeModel(model));
  expectSound(snapshot, real.shown);
  await expectVerified(real.ask, snapshot, real.shown);
  // The model's clock stands still between the acts. On a slow machine the account's is put back to it.
  const late = snapshot.now - real.agreedAt;
  if (late < 5) return;
  await letTimePass(real.database, real.accountId, `-${late} seconds`);
  real.agreedAt = snapshot.now;
}

export type RevealCommand = fc.AsyncCommand<RevealModel, RevealWorld>;

/**
 * A command for the model: `act` does it to the real account, and compares the answer with the model's.
 * @param name what a failing run prints
 */
export function command(
  name: string,
  act: (model: RevealModel, real: RevealWorld) => Promise<void>,
): RevealCommand {
  return {
    check: () => true,
    run: async (model, real) => {
      await act(model, real);
      await expectAsModelled(model, real);
    },
    toString: () => name,
  };
}
