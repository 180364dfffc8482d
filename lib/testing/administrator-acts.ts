import fc from 'fast-check';
import { expect } from 'vitest';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { RevealModel } from './reveal-model.ts';
import { command } from './reveal-world.ts';

/** Which of two administrators. */
const who = fc.constantFrom<0 | 1>(0, 1);

function statusOf({ account, hasKey, links, now }: RevealModel): string {
  const last = links.at(-1);
  if (!account.active) return 'inactive';
  if (hasKey) return 'active';
  if (last?.ended === 'locked') return 'locked';
  return last && now >= last.expiresAt ? 'link_expired' : 'waiting';
}

export const reset = who.map((by) =>
  command(`reset(by ${by})`, async (model, { database, administrators, accountId }) => {
    model.reset();
    const answer = await resetApiKey(database, administrators[by], { id: accountId });
    expect(answer).toMatchObject({ ok: true, account: { status: statusOf(model), revealUnderWay: true } });
  }),
);

const change = fc.constantFrom('email', 'phone', 'both', 'tick', 'tick', 'nothing');

/** What an administrator changes: to an address that the account never had, or the box. */
function changesTo({ account, editors }: RevealModel, what: string, by: 0 | 1) {
  const next = String(account.version + 10);
  const email = { email: `it${next}@example.com` };
  const phone = { phone: `+4478941234${next}` };
  if (what === 'email') return email;
  if (what === 'phone') return phone;
  if (what === 'both') return { ...email, ...phone };
  return what === 'tick' ? { active: !editors[by].active } : {};
}

/** Each saves what their editor shows, with a change: the later of two is told, and looks again. */
export const edit = fc.tuple(who, change).map(([by, what]) =>
  command(`edit(${what}, by ${by})`, async (model, { database, administrators, accountId: id }) => {
    const changes = changesTo(model, what, by);
    const input = { ...model.editors[by], id, ...changes };
    const expected = model.save(by, changes);
    const answer = await updateApiAccount(database, administrators[by], input);
    if (expected === 'changed') {
      expect(answer).toMatchObject({ ok: false, reason: 'changed', current: model.account });
      return;
    }
    const account = { ...model.account, status: statusOf(model) };
    expect(answer).toMatchObject({ ok: true, account, revealRestarted: expected === 'restarted' });
  }),
);
