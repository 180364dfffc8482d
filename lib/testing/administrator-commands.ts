import fc from 'fast-check';
import { expect } from 'vitest';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { RevealModel } from './reveal-model.ts';
import { createCommand } from './reveal-world.ts';

/** Index of one of two administrators. */
const administratorIndex = fc.constantFrom<0 | 1>(0, 1);

function computeStatus({ account, hasKey, links, now }: RevealModel): string {
  const last = links.at(-1);
  if (!account.active) return 'inactive';
  if (hasKey) return 'active';
  if (last?.endReason === 'locked') return 'locked';
  return last && now >= last.expiresAt ? 'link_expired' : 'awaiting_collection';
}

export const reset = administratorIndex.map((by) =>
  createCommand(`reset(by ${by})`, async (model, { database, administrators, accountId }) => {
    model.reset();
    const result = await resetApiKey(database, administrators[by], { id: accountId });
    expect(result).toMatchObject({ ok: true });
    const account = await readSummary(database, accountId);
    expect(account).toMatchObject({ status: computeStatus(model), isRevealOpen: true });
  }),
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
export const edit = fc.tuple(administratorIndex, changedFields).map(([by, fields]) =>
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
  }),
);
