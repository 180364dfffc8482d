import type fc from 'fast-check';
import { expect } from 'vitest';
import type { Database } from '#db/client.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, letTimePass } from './accounts.ts';
import { expectInvariants, type ShownKey } from './reveal-invariants.ts';
import { type KeyResponse, RevealModel } from './reveal-model.ts';
import { type RevealSnapshot, takeSnapshot } from './reveal-snapshot.ts';

/** The database, the administrators and the verifier that all runs share. */
export type Installation = {
  database: Database;
  administrators: [Administrator, Administrator];
  /** Sends a key to a verifier, requiring `REQUIRED_SCOPE`. A test is no first use. */
  verify(key: string, options?: { isTest: boolean }): Promise<KeyResponse>;
};

/** The scopes of the organisation. */
export const REQUIRED_SCOPE = 'orders:read';
export const OTHER_SCOPE = 'orders:write';

/** The real system of one run: an account, and its keys that were shown. */
export type RevealWorld = Installation & {
  accountId: string;
  shown: ShownKey[];
  /** Time of the last synchronisation of the account's and the model's clocks, by the database's clock, in seconds. */
  syncedAt: number;
};

/** Creates an account for one run, and a model of it. */
export async function createRevealWorld(installation: Installation) {
  const { database, administrators } = installation;
  const { id: accountId, email, phone } = await createTestAccount(database, administrators[0]);
  const snapshot = await takeSnapshot(database.$client, accountId);
  const real: RevealWorld = { ...installation, accountId, shown: [], syncedAt: snapshot.now };
  const model = new RevealModel({ email, phone });
  model.adoptIds(snapshot);
  return { model, real };
}

function summarizeSnapshot(
  { account, reveals, messages, audit }: RevealSnapshot,
  expectedEvents: Record<string, number>,
) {
  const auditEvents: Record<string, number> = {};
  // The model does not count all actions, such as `address_change.notice_withheld`.
  for (const { action } of audit.filter((row) => row.action in expectedEvents))
    auditEvents[action] = (auditEvents[action] ?? 0) + 1;
  const { revealId, digest, previousDigest, previousEndsOn: _, hasUnrecordedEnd, ...fields } = account;
  const recordedEnds = audit.filter(({ action }) => action === 'api_key.previous_ended').length;
  return {
    account: { ...fields, hasKey: digest !== null, hasOldKey: previousDigest !== null },
    endedOldKeys: recordedEnds + Number(hasUnrecordedEnd),
    links: reveals.map(({ id, email, phone, generation, newCodes, codeAttempts, linkAttempts, ...rest }) => ({
      ...{ id, email, phone, generation, newCodes, endReason: rest.endReason },
      // If the right code was submitted twice concurrently, the submission that failed may have consumed an attempt too.
      attempts: rest.endReason === 'shown' ? null : [codeAttempts, linkAttempts],
      // `letTimePass` moves only the times of the current link.
      areLinkAndCodeExpired: id === revealId ? [rest.isExpired, rest.isCodeExpired] : null,
    })),
    messages: messages.map(({ id, revealId: link, generation, state, attempts }) => {
      return { id, link, generation, state, attempts };
    }),
    auditEvents,
  };
}

function summarizeModel(model: RevealModel) {
  const { account, hasKey, oldKey, endedOldKeys, isExpired, links, messages, auditEvents, now } = model;
  return {
    account: { ...account, isExpired, hasKey, hasOldKey: oldKey !== null },
    endedOldKeys,
    links: links.map(
      ({ id, email, phone, generation, newCodes, codeAttempts, linkAttempts, endReason, ...times }) => ({
        ...{ id, email, phone, generation, newCodes, endReason },
        attempts: endReason === 'shown' ? null : [codeAttempts, linkAttempts],
        areLinkAndCodeExpired:
          id === links.at(-1)?.id ? [now >= times.expiresAt, now >= times.codeExpiresAt] : null,
      }),
    ),
    messages: messages.map(({ link, ...message }) => ({ ...message, link: link.id })),
    auditEvents,
  };
}

/** Expects the database to match the model, and the database and the verifier to satisfy the invariants. */
async function expectMatchesModel(model: RevealModel, real: RevealWorld): Promise<void> {
  const snapshot = await takeSnapshot(real.database.$client, real.accountId);
  model.adoptIds(snapshot);
  expect(summarizeSnapshot(snapshot, model.auditEvents)).toEqual(summarizeModel(model));
  expectInvariants(snapshot, real.shown);
  for (const { key, revealId } of real.shown)
    expect(await real.verify(key)).toBe(model.getKeyResponse(revealId));
  // The model's clock moves only in `passTime`. If real time has passed, as on a slow machine, move the account's times
  // forward by as much.
  const elapsed = snapshot.now - real.syncedAt;
  if (elapsed < 5) return;
  await letTimePass(real.database, real.accountId, `-${elapsed} seconds`);
  real.syncedAt = snapshot.now;
}

export type RevealCommand = fc.AsyncCommand<RevealModel, RevealWorld>;

/**
 * Creates a command for the model-based test. After it ran, the database must match the model.
 * @param name printed if a run fails
 * @param execute runs the command on the real account, and compares the result with the model's
 */
export function createCommand(
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
