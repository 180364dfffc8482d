import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect } from 'vitest';
import { endOldKey } from '#lib/api-accounts/end-old-key.ts';
import { readAccount } from '#lib/api-accounts/read-account.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { OldKeyChoice } from '#lib/api-accounts/schema.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { deriveCode } from '#lib/key-delivery/reveal/code.ts';
import { readOutCode } from '#lib/key-delivery/reveal/read-out-code.ts';
import { revokeLeakedKeys } from '#lib/leaks/revoke-leaked-keys.ts';
import { settings } from '#lib/platform/config/settings.ts';
import type { RevealModel } from './reveal-model.ts';
import { createCommand, OTHER_SCOPE, REQUIRED_SCOPE } from './reveal-world.ts';

/** Index of one of two administrators. */
const administratorIndex = fc.constantFrom<0 | 1>(0, 1);

function computeStatus({ account, isExpired, hasKey, links, now }: RevealModel): string {
  const last = links.at(-1);
  if (!account.active) return 'inactive';
  if (isExpired) return 'expired';
  if (hasKey) return 'active';
  // Only a leak removes a key that was shown without another delivery.
  if (last?.endReason === 'shown') return 'leaked';
  if (last?.endReason === 'locked') return 'locked';
  return last && now >= last.expiresAt ? 'link_expired' : 'awaiting_collection';
}

const createReset = (by: 0 | 1, oldKey: OldKeyChoice) =>
  createCommand(`reset(${JSON.stringify(oldKey)}, by ${by})`, async (model, real) => {
    const { database, administrators, accountId } = real;
    model.reset(oldKey);
    const result = await resetApiKey(database, administrators[by], { id: accountId, oldKey });
    expect(result).toMatchObject({ ok: true });
    expect(result.ok && result.oldKeyExpiresAt !== null).toBe(model.oldKey !== null);
    const account = await readSummary(database, accountId);
    expect(account).toMatchObject({ status: computeStatus(model), isRevealOpen: true });
  });

export const reset = administratorIndex.map((by) => createReset(by, 'immediately'));

const choices = fc.constantFrom<OldKeyChoice>('on_collection', 'on_first_use', { hours: 2 }, { hours: 24 });

/** Resets the key, and lets the old one work for longer. */
export const rotate = fc.tuple(administratorIndex, choices).map(([by, choice]) => createReset(by, choice));

export const rotateUntilFirstUse = administratorIndex.map((by) => createReset(by, 'on_first_use'));

/** Ends the old key, if there is one. */
export const endOld = administratorIndex.map((by) =>
  createCommand(`endOld(by ${by})`, async (model, { database, administrators, accountId }) => {
    const hadOldKey = model.endOldKey();
    const result = await endOldKey(database, administrators[by], { id: accountId });
    expect(result.ok).toBe(hadOldKey);
  }),
);

/** Reports a key as leaked that was shown: the newest one (age 0), or an earlier one. */
export const reportLeak = fc.constantFrom(0, 0, 1, 1, 2).map((age) =>
  createCommand(`reportLeak(key ${-age})`, async (model, { database, accountId, shown }) => {
    const reported = shown.at(-1 - age);
    if (!reported) return;
    model.reportLeak(reported.revealId);
    const leak = { key: reported.key, url: null };
    await revokeLeakedKeys(database, [leak], { source: 'api', ipAddress: '192.0.2.1' });
    expect(await readSummary(database, accountId)).toMatchObject({ status: computeStatus(model) });
  }),
);

/** Saves another expiry: in some seconds, some time ago, or none. */
export const setExpiry = fc
  .tuple(administratorIndex, fc.constantFrom(-60, 3_630, 86_394, null))
  .map(([by, seconds]) =>
    createCommand(`setExpiry(${seconds} s, by ${by})`, async (model, real) => {
      const { database, administrators, accountId: id } = real;
      const { rows } = await database.$client.query<{ now: Date }>('select now()');
      // Whole seconds could repeat the current expiry, which would be no change.
      const offset = seconds === null ? null : seconds + (model.account.version % 7);
      const expiresAt = offset === null ? null : new Date((rows[0]?.now.getTime() ?? 0) + offset * 1_000);
      const input = { ...model.account, id, expiresAt };
      const isChanged = expiresAt !== null || model.expiresAt !== null;
      if (isChanged) model.setExpiry(by, offset === null ? null : model.now + offset);
      const result = await updateApiAccount(database, administrators[by], input);
      expect(result).toMatchObject({ ok: true, account: { status: computeStatus(model) } });
    }),
  );

type Access = { scopes: string[] | null } | { allowedNetworks: string[] | null };
const access = fc.constantFrom<Access>(
  ...[null, [], [OTHER_SCOPE], [REQUIRED_SCOPE, OTHER_SCOPE]].map((scopes) => ({ scopes })),
  ...[null, ['127.0.0.0/8'], ['192.0.2.0/24', '::/0']].map((allowedNetworks) => ({ allowedNetworks })),
);

/** Saves other scopes or networks. */
export const setAccess = fc.tuple(administratorIndex, access).map(([by, changes]) =>
  createCommand(`setAccess(${JSON.stringify(changes)}, by ${by})`, async (model, real) => {
    const { database, administrators, accountId: id } = real;
    const before = await readAccount(database, id);
    const isChanged = JSON.stringify({ ...before, ...changes }) !== JSON.stringify(before);
    if ('scopes' in changes) {
      const { scopes } = changes;
      model.setAccess(by, { hasScope: scopes === null || scopes.includes(REQUIRED_SCOPE) }, isChanged);
    } else {
      const { allowedNetworks } = changes;
      const isNetworkAllowed = allowedNetworks === null || allowedNetworks.includes('127.0.0.0/8');
      model.setAccess(by, { isNetworkAllowed }, isChanged);
    }
    const version = before?.version ?? 0;
    const input = { ...model.account, version, id, ...changes };
    expect(await updateApiAccount(database, administrators[by], input)).toMatchObject({
      ok: true,
      account: changes,
    });
  }),
);

const UNLIMITED = 1_000_000;
/** The requests of two open dialogs. The same one again is a retry after a lost response. */
const requestIds = [randomUUID(), randomUUID()];

/** Reads out a code of the newest link (age 0), or of one that an outdated page shows. */
export const readOut = fc
  .tuple(administratorIndex, fc.constantFrom(0, 0, 0, 1), fc.constantFrom(...requestIds))
  .map(([by, age, requestId]) =>
    createCommand(
      `readOut(by ${by}, link ${-age}, request ${requestIds.indexOf(requestId)})`,
      async (model, { database, administrators, accountId: id }) => {
        const link = model.links.at(-1 - age) ?? model.links[0];
        if (!link) return;
        const expected = model.readOut(link, requestId);
        const input = { id, revealId: link.id, requestId };
        const result = await readOutCode(database, administrators[by], input, UNLIMITED);
        expect(result.ok ? 'shown' : result.reason).toBe(expected);
        if (result.ok) expect(result.code).toBe(deriveCode(link.id, link.generation, settings().authSecret));
      },
    ),
  );

const changedFields = fc.constantFrom('email', 'phone', 'both', 'active', 'active', 'none');

/** Returns new values of the changed fields. The account has never had the email address or the phone number. */
function createChanges({ account, editors }: RevealModel, fields: string, by: 0 | 1) {
  // Two digits, which complete the phone number.
  const suffix = String(account.version + 10);
  const email = { email: `it${suffix}@example.com` };
  const phone = { phone: `+4478941234${suffix}` };
  if (fields === 'email') return email;
  if (fields === 'phone') return phone;
  if (fields === 'both') return { ...email, ...phone };
  return fields === 'active' ? { active: !editors[by].active } : {};
}

/** Saves changes to the values in an administrator's editor. A stale editor gets a conflict and the current values. */
const createEdit = (by: 0 | 1, fields: string) =>
  createCommand(`edit(${fields}, by ${by})`, async (model, { database, administrators, accountId: id }) => {
    const changes = createChanges(model, fields, by);
    const input = { ...model.editors[by], id, ...changes };
    const expected = model.save(by, changes);
    const result = await updateApiAccount(database, administrators[by], input);
    if (expected === 'changed') {
      expect(result).toMatchObject({ ok: false, reason: 'changed', current: model.account });
      return;
    }
    const account = { ...model.account, status: computeStatus(model) };
    expect(result).toMatchObject({ ok: true, account, wasRevealRestarted: expected === 'restarted' });
  });

export const edit = fc.tuple(administratorIndex, changedFields).map(([by, fields]) => createEdit(by, fields));

/** Deactivates or reactivates the account. */
export const switchActive = administratorIndex.map((by) => createEdit(by, 'active'));
