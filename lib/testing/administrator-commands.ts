import fc from 'fast-check';
import { expect } from 'vitest';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { RevealModel } from './reveal-model.ts';
import { command } from './reveal-world.ts';

/** Index of one of two administrators. */
const administratorIndex = fc.constantFrom<0 | 1>(0, 1);

function statusOf({ account, hasKey, links, now }: RevealModel): string {
  const last = links.at(-1);
  if (!account.active) return 'inactive';
  if (hasKey) return 'active';
  if (last?.ended === 'locked') return 'locked';
  return last && now >= last.expiresAt ? 'link_expired' : 'awaiting_collection';
}

export const reset = administratorIndex.map((by) =>
  command(`reset(by ${by})`, async (model, { database, administrators, accountId }) => {
    model.reset();
    const result = await resetApiKey(database, administrators[by], { id: accountId });
    expect(result).toMatchObject({ ok: true });
    const account = await readSummary(database, accountId);
    expect(account).toMatchObject({ status: statusOf(model), isRevealOpen: true });
  }),
);

const change = fc.constantFrom('email', 'phone', 'both', 'tick', 'tick', 'nothing');

/** Returns the changes to save: to a contact that the account never had, or to whether it is active. */
function changesTo({ account, editors }: RevealModel, what: string, by: 0 | 1) {
  const next = String(account.version + 10);
  const email = { email: `it${next}@example.com` };
  const phone = { phone: `+4478941234${next}` };
  if (what === 'email') return email;
  if (what === 'phone') return phone;
  if (what === 'both') return { ...email, ...phone };
  return what === 'tick' ? { active: !editors[by].active } : {};
}

/** Saves a change to what the administrator's editor shows. A stale editor gets a conflict and the current values. */
export const edit = fc.tuple(administratorIndex, change).map(([by, what]) =>
  command(`edit(${what}, by ${by})`, async (model, { database, administrators, accountId: id }) => {
    const changes = changesTo(model, what, by);
    const input = { ...model.editors[by], id, ...changes };
    const expected = model.save(by, changes);
    const result = await updateApiAccount(database, administrators[by], input);
    if (expected === 'changed') {
      expect(result).toMatchObject({ ok: false, reason: 'changed', current: model.account });
      return;
    }
    const account = { ...model.account, status: statusOf(model) };
    expect(result).toMatchObject({ ok: true, account, revealRestarted: expected === 'restarted' });
  }),
);
