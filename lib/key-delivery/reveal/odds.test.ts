import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ATTEMPTS_PER_CODE, ATTEMPTS_PER_LINK, NEW_CODES_PER_LINK } from './limits.ts';

const CODES = 1_000_000;

/** The chance that one of so many different guesses at each of a link's codes is right. */
const chanceOf = (guesses: number[]) =>
  1 - guesses.reduce((allWrong, tries) => allWrong * (1 - tries / CODES), 1);

const codesNeeded = ATTEMPTS_PER_LINK / ATTEMPTS_PER_CODE;
const perLink = chanceOf(Array.from({ length: codesNeeded }, () => ATTEMPTS_PER_CODE));
const perYear = (links: number) => 1 - (1 - perLink) ** links;

let page: string;
beforeAll(async () => {
  page = await readFile('docs/security.md', 'utf8');
});

const number = (value: number) => value.toLocaleString('en-GB');
const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;

describe('the odds in docs/security.md', () => {
  it('are those of one code and of one link', () => {
    const code = `${ATTEMPTS_PER_CODE} in ${number(CODES)}`;
    expect(page).toContain(row('one code', String(ATTEMPTS_PER_CODE), code));
    const power = '⁰¹²³⁴⁵⁶⁷⁸⁹'[codesNeeded];
    const formula = `1 − (1 − ${ATTEMPTS_PER_CODE}/${number(CODES)})${power}`;
    const link = `${formula} = ${(perLink * CODES).toFixed(5)} in ${number(CODES)}`;
    expect(page).toContain(row('one link, as well as can be done', String(ATTEMPTS_PER_LINK), link));
    // So many codes a link has, whether or not an administrator sends more.
    expect(1 + NEW_CODES_PER_LINK).toBeGreaterThanOrEqual(codesNeeded);
  });

  it.each([100, 1_000, 10_000])('are those of a year with %i links', (links) => {
    const chance = `${(perYear(links) * 100).toFixed(2)} %`;
    const what = `every link of a year with ${number(links)} links`;
    expect(page).toContain(row(what, number(links * ATTEMPTS_PER_LINK), chance));
  });

  it('name the limits in words', () => {
    const words = page.replaceAll(/\s+/g, ' ');
    expect(words).toContain(`is good for 10 minutes and for ${ATTEMPTS_PER_CODE} tries`);
    expect(words).toContain(`is good for 24 hours and for ${ATTEMPTS_PER_LINK} tries`);
    expect(words).toContain(`a chance of ${ATTEMPTS_PER_LINK} in a million`);
    expect(words).toContain(`the ${NEW_CODES_PER_LINK} that the integrator may ask for`);
    expect(words).toContain(`(1 − ${(perLink * CODES).toFixed(5)}/${number(CODES)})ᴹ`);
  });

  it('are the best that can be done, over however many codes the tries of a link are spread', () => {
    const spread = fc.array(fc.integer({ min: 1, max: ATTEMPTS_PER_CODE }), { maxLength: ATTEMPTS_PER_LINK });
    const property = fc.property(spread, (guesses) => {
      fc.pre(guesses.reduce((sum, tries) => sum + tries, 0) <= ATTEMPTS_PER_LINK);
      expect(chanceOf(guesses)).toBeLessThanOrEqual(perLink);
      expect(chanceOf(guesses)).toBeLessThan(ATTEMPTS_PER_LINK / CODES);
    });
    fc.assert(property);
  });
});
