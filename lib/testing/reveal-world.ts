import type fc from 'fast-check';
import { expect } from 'vitest';
import type { Database } from '#db/client.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { letTimePass, testAccount } from './accounts.ts';
import { expectInvariants, expectVerified, type ShownKey } from './reveal-invariants.ts';
import { RevealModel } from './reveal-model.ts';
import { type RevealSnapshot, takeSnapshot } from './reveal-snapshot.ts';

/** What all runs share. */
export type Installation = {
  database: Database;
  administrators: [Administrator, Administrator];
  /** Sends a key to a verifier; resolves with the response's status. */
  verify(key: string): Promise<number>;
};

/** A real account, and the keys that were shown. */
export type RevealWorld = Installation & {
  accountId: string;
  shown: ShownKey[];
  /** The database's clock, in seconds, when the account's clock was last in step with the model's. */
  syncedAt: number;
};

/** Creates an account for one run, and a model of it. */
export async function createRevealWorld(installation: Installation) {
  const { database, administrators } = installation;
  const { id: accountId, email, phone } = await testAccount(database, administrators[0]);
  const snapshot = await takeSnapshot(database.$client, accountId);
  const real: RevealWorld = { ...installation, accountId, shown: [], syncedAt: snapshot.now };
  const model = new RevealModel({ email, phone });
  model.adoptIds(snapshot);
  return { model, real };
}

function describeReal({ account, reveals, messages, audit }: RevealSnapshot, known: Record<string, number>) {
  const auditEvents: Record<string, number> = {};
  for (const { action } of audit.filter((row) => row.action in known))
    auditEvents[action] = (auditEvents[action] ?? 0) + 1;
  const { revealId, digest, ...fields } = account;
  return {
    account: { ...fields, hasKey: digest !== null },
    links: reveals.map(({ id, email, phone, generation, newCodes, codeAttempts, linkAttempts, ...rest }) => ({
      ...{ id, email, phone, generation, newCodes, ended: rest.endReason },
      // Of two concurrent submissions of the right code, the losing one may have consumed an attempt as well.
      attempts: rest.endReason === 'shown' ? null : [codeAttempts, linkAttempts],
      expired: id === revealId && [rest.isExpired, rest.isCodeExpired],
    })),
    messages: messages.map(({ id, revealId: link, generation, state, attempts }) => {
      return { id, link, generation, state, attempts };
    }),
    auditEvents,
  };
}

function describeModel({ account, hasKey, links, messages, auditEvents, now }: RevealModel) {
  return {
    account: { ...account, hasKey },
    links: links.map(
      ({ id, email, phone, generation, newCodes, codeAttempts, linkAttempts, ended, ...times }) => ({
        ...{ id, email, phone, generation, newCodes, ended },
        attempts: ended === 'shown' ? null : [codeAttempts, linkAttempts],
        expired: id === links.at(-1)?.id && [now >= times.expiresAt, now >= times.codeExpiresAt],
      }),
    ),
    messages: messages.map(({ link, ...message }) => ({ ...message, link: link.id })),
    auditEvents,
  };
}

/** Expects the database to match the model, and the invariants to hold, including at the verifier. */
async function expectMatchesModel(model: RevealModel, real: RevealWorld): Promise<void> {
  const snapshot = await takeSnapshot(real.database.$client, real.accountId);
  model.adoptIds(snapshot);
  expect(describeReal(snapshot, model.auditEvents)).toEqual(describeModel(model));
  expectInvariants(snapshot, real.shown);
  await expectVerified(real.verify, snapshot, real.shown);
  // The model's clock stops between commands. On a slow machine, set the account's clock back to it.
  const elapsed = snapshot.now - real.syncedAt;
  if (elapsed < 5) return;
  await letTimePass(real.database, real.accountId, `-${elapsed} seconds`);
  real.syncedAt = snapshot.now;
}

export type RevealCommand = fc.AsyncCommand<RevealModel, RevealWorld>;

/**
 * Creates a command for the model-based test.
 * @param name printed by a failing run
 * @param execute runs the command on the real account, and compares the result with the model's
 */
export function command(
  name: string,
  execute: (model: RevealModel, real: RevealWorld) => Promise<void>,
): RevealCommand {
  return {
    check: () => true,
    run: async (model, real) => {
      await execute(model, real);
      await expectMatchesModel(model, real);
    },
    toString: () => name,
  };
}
