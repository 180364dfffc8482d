import fc from 'fast-check';
import { expect } from 'vitest';
import { deriveCode, linkToken } from '#lib/key-delivery/reveal/derive.ts';
import { openReveal } from '#lib/key-delivery/reveal/open.ts';
import { requestNewCode } from '#lib/key-delivery/reveal/request-new-code.ts';
import type { RevealView } from '#lib/key-delivery/reveal/schema.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { letTimePass, wrongCode } from './accounts.ts';
import type { ModelLink, RevealModel } from './reveal-model.ts';
import { command, type RevealWorld } from './reveal-world.ts';

/** Which link a browser holds: the newest (0), or one so many before it. */
const age = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) },
);

const linkOf = ({ links }: RevealModel, back: number): ModelLink =>
  links.at(-1 - back) ?? (links[0] as ModelLink);
const tokenOf = ({ id }: ModelLink) => linkToken(id, settings().authSecret);
const presentCode = ({ id, generation }: ModelLink) => deriveCode(id, generation, settings().authSecret);
const reasonOf = (answer: { ok: true } | { ok: false; reason: string }) =>
  answer.ok ? 'shown' : answer.reason;

/** What the page tells of a link that is open. */
function expectView(model: RevealModel, link: ModelLink, view: RevealView): void {
  const { codeTries, linkTries, newCodes, phone } = link;
  expect(view.phoneEnd).toBe(phone.slice(-3));
  expect(view.triesLeft).toBe(Math.min(5 - codeTries, 25 - linkTries));
  expect(view.newCodesLeft).toBe(5 - newCodes);
  expect(view.newCodeAt <= view.now).toBe(model.now >= link.codeIssuedAt + 30);
  expect(view.codeExpiresAt <= view.now).toBe(model.now >= link.codeExpiresAt);
}

/** Sends a code, by so many browsers at once, and keeps whatever keys come back. */
async function submit(real: RevealWorld, link: ModelLink, codes: string[]) {
  const token = tokenOf(link);
  const answers = await Promise.all(codes.map((code) => submitCode(real.database, { token, code })));
  for (const answer of answers) {
    if (answer.ok) real.shown.push({ key: answer.key, revealId: link.id });
  }
  return answers;
}

/** One guess, whatever it is: right only where it happens to be the link's present code. */
async function guess(model: RevealModel, real: RevealWorld, link: ModelLink, code: string): Promise<void> {
  const expected = model.guess(link, code === presentCode(link));
  const [answer] = await submit(real, link, [code]);
  expect(answer && reasonOf(answer)).toBe(expected);
  if (answer && 'view' in answer) expectView(model, link, answer.view);
}

export const open = age.map((back) =>
  command(`open(link ${-back})`, async (model, real) => {
    const link = linkOf(model, back);
    const answer = await openReveal(real.database, tokenOf(link));
    expect(answer.ok).toBe(model.stateOf(link) === 'open');
    if (answer.ok) expectView(model, link, answer.view);
  }),
);

export const mistype = fc
  .tuple(age, fc.constantFrom('', '  ', '12345', '1234567', '12345a', '１２３４５６'))
  .map(([back, code]) =>
    command(`mistype(link ${-back}, '${code}')`, async (model, real) => {
      const link = linkOf(model, back);
      const [answer] = await submit(real, link, [code]);
      expect(answer && reasonOf(answer)).toBe(model.mistype(link));
    }),
  );

async function guessWrongAtOnce(model: RevealModel, real: RevealWorld, link: ModelLink, times: number) {
  const code = presentCode(link);
  if (times === 1) return guess(model, real, link, wrongCode(code));
  const codes = Array.from({ length: times }, (_, index) => wrongCode(code, index + 1));
  for (const _ of codes) model.guess(link, false);
  const answers = await submit(real, link, codes);
  expect(answers.map(({ ok }) => ok)).not.toContain(true);
}

export const guessWrong = fc
  .tuple(age, fc.constantFrom(1, 3, 7, 7))
  .map(([back, times]) =>
    command(`guessWrong(link ${-back}, ${times} at once)`, (model, real) =>
      guessWrongAtOnce(model, real, linkOf(model, back), times),
    ),
  );

export const guessRight = fc.tuple(age, fc.constantFrom(1, 1, 2)).map(([back, browsers]) =>
  command(`guessRight(link ${-back}, ${browsers} browsers at once)`, async (model, real) => {
    const link = linkOf(model, back);
    const code = presentCode(link);
    if (browsers === 1) return guess(model, real, link, code);
    const expected = model.guess(link, true);
    const answers = await submit(real, link, [code, code]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(expected === 'shown' ? 1 : 0);
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
    await guess(model, real, linkOf(model, back), presentCode(linkOf(model, other)));
  }),
);

/** 44 seconds and its multiples: a limit lies at least 28 seconds after any of them, or on none. */
export const passTime = async (model: RevealModel, real: RevealWorld, seconds: number) => {
  await letTimePass(real.database, real.accountId, `${seconds} seconds`);
  model.now += seconds;
};

export const wait = fc
  .constantFrom(44, 308, 660, 660, 43_208, 86_416)
  .map((seconds) => command(`wait(${seconds} s)`, (model, real) => passTime(model, real, seconds)));

async function askForNewCode(model: RevealModel, real: RevealWorld, link: ModelLink): Promise<void> {
  const answer = await requestNewCode(real.database, tokenOf(link));
  expect(answer.ok ? 'texted' : answer.reason).toBe(model.askNewCode(link));
  if ('view' in answer) expectView(model, link, answer.view);
}

export const askNewCode = fc.tuple(age, fc.constantFrom(0, 44, 44, 44)).map(([back, patience]) =>
  command(`askNewCode(link ${-back}, after ${patience} s)`, async (model, real) => {
    if (patience > 0) await passTime(model, real, patience);
    await askForNewCode(model, real, linkOf(model, back));
  }),
);

/** All of a code's tries, and then a new code. */
export const useUpACode = command('useUpACode', async (model, real) => {
  const link = linkOf(model, 0);
  await guessWrongAtOnce(model, real, link, 5);
  await passTime(model, real, 44);
  await askForNewCode(model, real, link);
});

export const forge = fc.tuple(age, fc.integer({ min: 0, max: 63 })).map(([back, place]) =>
  command(`forge(link ${-back}, letter ${place})`, async (model, real) => {
    const link = linkOf(model, back);
    const token = tokenOf(link);
    const letter = token[place] === 'A' ? 'B' : 'A';
    const forged = token.slice(0, place) + letter + token.slice(place + 1);
    const answer = await submitCode(real.database, { token: forged, code: presentCode(link) });
    expect(reasonOf(answer)).toBe('ended');
  }),
);
