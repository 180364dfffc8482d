import { randomBytes } from 'node:crypto';
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
import { letTimePass, makeWrongCode } from './accounts.ts';
import type { ModelLink, RevealModel } from './reveal-model.ts';
import { createCommand, type RevealWorld } from './reveal-world.ts';

/** The age of the link that a browser has: 0 is the newest one. */
const linkAge = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) },
);

const getLink = ({ links }: RevealModel, age: number): ModelLink =>
  links.at(-1 - age) ?? (links[0] as ModelLink);
const createToken = ({ id }: ModelLink) => createLinkToken('reveal', id, settings().authSecret);
const deriveCurrentCode = ({ id, generation }: ModelLink) =>
  deriveCode(id, generation, settings().authSecret);
const getOutcome = (result: { ok: true } | { ok: false; reason: string }) =>
  result.ok ? 'shown' : result.reason;

/** Expects the view of an open link to match the model. */
function expectView(model: RevealModel, link: ModelLink, view: RevealView): void {
  const { codeAttempts, linkAttempts, newCodes, phone } = link;
  expect(view.phoneEnd).toBe(phone.slice(-3));
  expect(view.attemptsLeft).toBe(Math.min(5 - codeAttempts, 25 - linkAttempts));
  expect(view.newCodesLeft).toBe(5 - newCodes);
  expect(view.newCodeAt <= view.now).toBe(model.now >= link.codeIssuedAt + 30);
  expect(view.codeExpiresAt <= view.now).toBe(model.now >= link.codeExpiresAt);
}

const createRetrySecret = () => randomBytes(32).toString('base64url');

/** Submits codes concurrently, one per browser, and stores the keys that are returned. */
async function submitCodes(real: RevealWorld, link: ModelLink, codes: string[]) {
  const token = createToken(link);
  const submit = async (code: string) => {
    const retrySecret = createRetrySecret();
    const result = await submitCode(real.database, { token, code, retrySecret });
    if (result.ok) real.shown.push({ key: result.key, revealId: link.id, retrySecret });
    return result;
  };
  return Promise.all(codes.map(submit));
}

/** Submits one code, and expects the result of the model. */
async function guessCode(
  model: RevealModel,
  real: RevealWorld,
  link: ModelLink,
  code: string,
): Promise<void> {
  const { authSecret } = settings();
  const earlierCodes = Array.from({ length: link.generation - 1 }, (_, index) =>
    deriveCode(link.id, index + 1, authSecret),
  );
  const expected = model.guess(link, code === deriveCurrentCode(link), earlierCodes.includes(code));
  const [result] = await submitCodes(real, link, [code]);
  expect(result && getOutcome(result)).toBe(expected);
  if (result && 'view' in result) expectView(model, link, result.view);
}

export const open = linkAge.map((age) =>
  createCommand(`open(link ${-age})`, async (model, real) => {
    const link = getLink(model, age);
    const result = await openReveal(real.database, createToken(link));
    expect(result.ok).toBe(model.getState(link) === 'open');
    if (result.ok) expectView(model, link, result.view);
  }),
);

export const mistype = fc
  .tuple(linkAge, fc.constantFrom('', '  ', '12345', '1234567', '12345a', '12345 123456 654321'))
  .map(([age, code]) =>
    createCommand(`mistype(link ${-age}, '${code}')`, async (model, real) => {
      const link = getLink(model, age);
      const input = submitCodeSchema.parse({ token: createToken(link), code });
      expect(getOutcome(await submitCode(real.database, input))).toBe(model.mistype(link));
    }),
  );

async function guessWrongConcurrently(model: RevealModel, real: RevealWorld, link: ModelLink, times: number) {
  const code = deriveCurrentCode(link);
  if (times === 1) return guessCode(model, real, link, makeWrongCode(code));
  const codes = Array.from({ length: times }, (_, index) => makeWrongCode(code, index + 1));
  for (const _ of codes) model.guess(link, false);
  const results = await submitCodes(real, link, codes);
  expect(results.map(({ ok }) => ok)).not.toContain(true);
}

export const guessWrong = fc
  .tuple(linkAge, fc.constantFrom(1, 3, 7, 7))
  .map(([age, times]) =>
    createCommand(`guessWrong(link ${-age}, ${times} at once)`, (model, real) =>
      guessWrongConcurrently(model, real, getLink(model, age), times),
    ),
  );

export const guessRight = fc.tuple(linkAge, fc.constantFrom(1, 1, 2)).map(([age, browsers]) =>
  createCommand(`guessRight(link ${-age}, ${browsers} browsers at once)`, async (model, real) => {
    const link = getLink(model, age);
    const code = deriveCurrentCode(link);
    if (browsers === 1) return guessCode(model, real, link, code);
    const expected = model.guess(link, true);
    const results = await submitCodes(real, link, [code, code]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(expected === 'shown' ? 1 : 0);
  }),
);

/** Submits again as if the response with the key had been lost, from the same browser or from another one. */
export const submitAgain = fc.tuple(linkAge, fc.constantFrom(true, true, false)).map(([age, isSameBrowser]) =>
  createCommand(
    `submitAgain(link ${-age}, ${isSameBrowser ? 'same' : 'another'} browser)`,
    async (model, real) => {
      const link = getLink(model, age);
      const shown = real.shown.find(({ revealId }) => revealId === link.id);
      const retrySecret = (isSameBrowser && shown?.retrySecret) || createRetrySecret();
      const result = await submitCode(real.database, { token: createToken(link), code: null, retrySecret });
      expect(getOutcome(result)).toBe(isSameBrowser ? model.repeat(link) : model.mistype(link));
      if (result.ok) expect(result.key).toBe(shown?.key);
    },
  ),
);

export const guessAnOldCode = fc.tuple(linkAge, fc.integer({ min: 1, max: 3 })).map(([age, generations]) =>
  createCommand(`guessAnOldCode(link ${-age}, ${generations} generations earlier)`, async (model, real) => {
    const link = getLink(model, age);
    const generation = Math.max(0, link.generation - generations);
    await guessCode(model, real, link, deriveCode(link.id, generation, settings().authSecret));
  }),
);

export const guessAnotherLinksCode = fc.tuple(linkAge, linkAge).map(([age, otherAge]) =>
  createCommand(`guessAnotherLinksCode(link ${-age}, code of link ${-otherAge})`, async (model, real) => {
    await guessCode(model, real, getLink(model, age), deriveCurrentCode(getLink(model, otherAge)));
  }),
);

/**
 * Moves the clocks of the model and of the account.
 * @param seconds a multiple of 44, so that a limit which is not reached yet is at least 20 seconds ahead
 */
export const passTime = async (model: RevealModel, real: RevealWorld, seconds: number) => {
  await letTimePass(real.database, real.accountId, `${seconds} seconds`);
  model.passTime(seconds);
};

export const wait = fc
  .constantFrom(44, 308, 660, 660, 43_208, 86_416)
  .map((seconds) => createCommand(`wait(${seconds} s)`, (model, real) => passTime(model, real, seconds)));

/** Waits for days, so that an old key ends in any case. */
export const waitForDays = fc
  .constantFrom(86_416, 264_000, 604_824)
  .map((seconds) => createCommand(`wait(${seconds} s)`, (model, real) => passTime(model, real, seconds)));

/** Sends a request with the current key. */
export const useKey = fc.constant(
  createCommand('useKey', async (model, real) => {
    const shown = real.shown.find(({ revealId }) => revealId === model.currentKey?.id);
    if (!shown) return;
    model.sendRequest();
    expect(await real.verify(shown.key, { isTest: false })).toBe(model.getKeyResponse(shown.revealId));
  }),
);

async function expectNewCode(model: RevealModel, real: RevealWorld, link: ModelLink): Promise<void> {
  const result = await requestNewCode(real.database, createToken(link));
  expect(result.ok ? 'sent' : result.reason).toBe(model.requestNewCode(link));
  if ('view' in result) expectView(model, link, result.view);
}

export const newCode = fc.tuple(linkAge, fc.constantFrom(0, 44, 44, 44)).map(([age, seconds]) =>
  createCommand(`newCode(link ${-age}, after ${seconds} s)`, async (model, real) => {
    if (seconds > 0) await passTime(model, real, seconds);
    await expectNewCode(model, real, getLink(model, age));
  }),
);

/** Consumes all attempts of a code, and then requests a new code. */
export const exhaustCode = createCommand('exhaustCode', async (model, real) => {
  const link = getLink(model, 0);
  await guessWrongConcurrently(model, real, link, 5);
  await passTime(model, real, 44);
  await expectNewCode(model, real, link);
});

export const forge = fc.tuple(linkAge, fc.integer({ min: 0, max: 63 })).map(([age, position]) =>
  createCommand(`forge(link ${-age}, character ${position})`, async (model, real) => {
    const link = getLink(model, age);
    const token = createToken(link);
    const character = token[position] === 'A' ? 'B' : 'A';
    const forged = token.slice(0, position) + character + token.slice(position + 1);
    const result = await submitCode(real.database, { token: forged, code: deriveCurrentCode(link) });
    expect(getOutcome(result)).toBe('invalid_link');
  }),
);
