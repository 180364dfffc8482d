import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { deleteApiAccount } from '#lib/api-accounts/delete.ts';
import { endOldKey } from '#lib/api-accounts/end-old-key.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { deriveCode } from '#lib/key-delivery/reveal/code.ts';
import { openReveal } from '#lib/key-delivery/reveal/open.ts';
import { readOutCode } from '#lib/key-delivery/reveal/read-out-code.ts';
import { requestNewCode } from '#lib/key-delivery/reveal/request-new-code.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';
import type { ModelLink, RevealModel } from './reveal-model.ts';
import type { RevealWorld } from './reveal-world.ts';

/** Expects a link to be invalid, also with its current code and for the browser that has collected its key. */
async function expectLinkInvalid({ database, shown, ...world }: RevealWorld, link: ModelLink): Promise<void> {
  const { authSecret } = settings();
  const token = createLinkToken('reveal', link.id, authSecret);
  const code = deriveCode(link.id, link.generation, authSecret);
  const retrySecret = shown.find(({ revealId }) => revealId === link.id)?.retrySecret ?? null;
  const results = [
    await openReveal(database, token),
    await requestNewCode(database, token),
    await submitCode(database, { token, code, retrySecret }),
  ];
  for (const result of results) expect(result).toMatchObject({ ok: false, reason: 'invalid_link' });
  const request = { id: world.accountId, revealId: link.id, requestId: randomUUID() };
  expect(await readOutCode(database, world.administrators[0], request, 1_000_000)).toMatchObject({
    ok: false,
  });
}

/** Deletes the account of a run, and expects that nothing of it works any more. */
export async function deleteAndExpectNothingWorks(model: RevealModel, real: RevealWorld): Promise<void> {
  const { database, administrators, accountId: id } = real;
  const [administrator] = administrators;
  const { username = '' } = (await readSummary(database, id)) ?? {};
  expect(await deleteApiAccount(database, administrator, { id, username })).toMatchObject({ ok: true });
  for (const { key } of real.shown) expect(await real.verify(key)).toBe('invalid_key');
  for (const link of model.links) await expectLinkInvalid(real, link);
  for (const message of model.messages) expect(await prepareMessage(database, message.id)).toBeNull();
  const results = [
    await resetApiKey(database, administrator, { id, oldKey: { hours: 24 } }),
    await endOldKey(database, administrator, { id }),
    await updateApiAccount(database, administrator, { ...model.account, id, active: true }),
    await deleteApiAccount(database, administrator, { id, username }),
  ];
  for (const result of results) expect(result).toMatchObject({ ok: false, reason: 'not_found' });
  for (const { key } of real.shown) expect(await real.verify(key)).toBe('invalid_key');
}
