import fc from 'fast-check';
import { expect } from 'vitest';
import { deriveCode } from '#lib/key-delivery/reveal/code.ts';
import { openReveal } from '#lib/key-delivery/reveal/open.ts';
import { requestNewCode } from '#lib/key-delivery/reveal/request-new-code.ts';
import type { RevealView } from '#lib/key-delivery/reveal/schema.ts';
import { submitCodeSchema } from '#lib/key-delivery/reveal/schema.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { letTimePass, wrongCode } from './accounts.ts';
import type { ModelLink, RevealModel } from './reveal-model.ts';
import { command, type RevealWorld } from './reveal-world.ts';

/** Which link a browser has: the newest (0), or an earlier one. */
const age = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) },
);

const linkOf = ({ links }: RevealModel, back: number): ModelLink =>
  links.at(-1 - back) ?? (links[0] as ModelLink);
const tokenOf = ({ id }: ModelLink) => createLinkToken('reveal', id, settings().authSecret);
const currentCode = ({ id, generation }: ModelLink) => deriveCode(id, generation, settings().authSecret);
const reasonOf = (result: { ok: true } | { ok: false; reason: string }) =>
  result.ok ? 'shown' : result.reason;

/** Expects the page of an open link to show the state of the model. */
function expectView(model: RevealModel, link: ModelLink, view: RevealView): void {
  const { codeAttempts, linkAttempts, newCodes, phone } = link;
  expect(view.phoneEnd).toBe(phone.slice(-3));
  expect(view.attemptsLeft).toBe(Math.min(5 - codeAttempts, 25 - linkAttempts));
  expect(view.newCodesLeft).toBe(5 - newCodes);
  expect(view.newCodeAt <= view.now).toBe(model.now >= link.codeIssuedAt + 30);
  expect(view.codeExpiresAt <= view.now).toBe(model.now >= link.codeExpiresAt);
}

/** Submits codes concurrently, one per browser, and stores the keys that are returned. */
async function submit(real: RevealWorld, link: ModelLink, codes: string[]) {
  const token = tokenOf(link);
  const results = await Promise.all(codes.map((code) => submitCode(real.database, { token, code })));
  for (const result of results) {
    if (result.ok) real.shown.push({ key: result.key, revealId: link.id });
  }
  return results;
}

/** Submits one code, which is right only if it equals the link's current code. */
async function guess(model: RevealModel, real: RevealWorld, link: ModelLink, code: string): Promise<void> {
  const expected = model.guess(link, code === currentCode(link));
  const [result] = await submit(real, link, [code]);
  expect(result && reasonOf(result)).toBe(expected);
  if (result && 'view' in result) expectView(model, link, result.view);
}

export const open = age.map((back) =>
  command(`open(link ${-back})`, async (model, real) => {
    const link = linkOf(model, back);
    const result = await openReveal(real.database, tokenOf(link));
    expect(result.ok).toBe(model.stateOf(link) === 'open');
    if (result.ok) expectView(model, link, result.view);
  }),
);

export const mistype = fc
  .tuple(age, fc.constantFrom('', '  ', '12345', '1234567', '12345a', '１２３４５６'))
  .map(([back, code]) =>
    command(`mistype(link ${-back}, '${code}')`, async (model, real) => {
      const link = linkOf(model, back);
      const input = submitCodeSchema.parse({ token: tokenOf(link), code });
      expect(reasonOf(await submitCode(real.database, input))).toBe(model.mistype(link));
    }),
  );

async function guessWrongConcurrently(model: RevealModel, real: RevealWorld, link: ModelLink, times: number) {
  const code = currentCode(link);
  if (times === 1) return guess(model, real, link, wrongCode(code));
  const codes = Array.from({ length: times }, (_, index) => wrongCode(code, index + 1));
  for (const _ of codes) model.guess(link, false);
  const results = await submit(real, link, codes);
  expect(results.map(({ ok }) => ok)).not.toContain(true);
}

export const guessWrong = fc
  .tuple(age, fc.constantFrom(1, 3, 7, 7))
  .map(([back, times]) =>
    command(`guessWrong(link ${-back}, ${times} at once)`, (model, real) =>
      guessWrongConcurrently(model, real, linkOf(model, back), times),
    ),
  );

export const guessRight = fc.tuple(age, fc.constantFrom(1, 1, 2)).map(([back, browsers]) =>
  command(`guessRight(link ${-back}, ${browsers} browsers at once)`, async (model, real) => {
    const link = linkOf(model, back);
    const code = currentCode(link);
    if (browsers === 1) return guess(model, real, link, code);
    const expected = model.guess(link, true);
    const results = await submit(real, link, [code, code]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(expected === 'shown' ? 1 : 0);
  }),
);

export const guessAnOldCode = fc.tuple(age, fc.integer({ min: 1, max: 3 })).map(([back, older]) =>
  command(`guessAnOldCode(link ${-back}, ${older} before)`, async (model, real) => {
    const link = linkOf(model, back);
    const generation = Math.max(0, link.generation - older);
    await guess(model, real, link, deriveCode(link.id, generation, settings().authSecret));
  }),
);

export const guessAnotherLinksCode = fc.tuple(age, age).map(([back, other]) =>
  command(`guessAnotherLinksCode(link ${-back}, code of link ${-other})`, async (model, real) => {
    await guess(model, real, linkOf(model, back), currentCode(linkOf(model, other)));
  }),
);

/** Moves both clocks. Pass multiples of 44 seconds: they keep a distance of at least 28 seconds before any limit. */
export const passTime = async (model: RevealModel, real: RevealWorld, seconds: number) => {
  await letTimePass(real.database, real.accountId, `${seconds} seconds`);
  model.now += seconds;
};

export const wait = fc
  .constantFrom(44, 308, 660, 660, 43_208, 86_416)
  .map((seconds) => command(`wait(${seconds} s)`, (model, real) => passTime(model, real, seconds)));

async function expectNewCode(model: RevealModel, real: RevealWorld, link: ModelLink): Promise<void> {
  const result = await requestNewCode(real.database, tokenOf(link));
  expect(result.ok ? 'sent' : result.reason).toBe(model.requestNewCode(link));
  if ('view' in result) expectView(model, link, result.view);
}

export const newCode = fc.tuple(age, fc.constantFrom(0, 44, 44, 44)).map(([back, delay]) =>
  command(`newCode(link ${-back}, after ${delay} s)`, async (model, real) => {
    if (delay > 0) await passTime(model, real, delay);
    await expectNewCode(model, real, linkOf(model, back));
  }),
);

/** Consumes all attempts of a code, and then requests a new code. */
export const exhaustCode = command('exhaustCode', async (model, real) => {
  const link = linkOf(model, 0);
  await guessWrongConcurrently(model, real, link, 5);
  await passTime(model, real, 44);
  await expectNewCode(model, real, link);
});

export const forge = fc.tuple(age, fc.integer({ min: 0, max: 63 })).map(([back, position]) =>
  command(`forge(link ${-back}, letter ${position})`, async (model, real) => {
    const link = linkOf(model, back);
    const token = tokenOf(link);
    const letter = token[position] === 'A' ? 'B' : 'A';
    const forged = token.slice(0, position) + letter + token.slice(position + 1);
    const result = await submitCode(real.database, { token: forged, code: currentCode(link) });
    expect(reasonOf(result)).toBe('ended');
  }),
);
