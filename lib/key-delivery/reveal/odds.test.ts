import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ATTEMPTS_PER_LINK } from '#lib/account-state/limits.ts';
import { ATTEMPTS_PER_CODE, CODE_MINUTES, LINK_HOURS, NEW_CODES_PER_LINK } from './limits.ts';

const CODES = 1_000_000;

/** Returns the probability of at least one right guess, given the number of distinct guesses at each code. */
const computeProbability = (guesses: number[]) =>
  1 - guesses.reduce((allWrong, attempts) => allWrong * (1 - attempts / CODES), 1);

const codesForAllAttempts = ATTEMPTS_PER_LINK / ATTEMPTS_PER_CODE;
const probabilityPerLink = computeProbability(
  Array.from({ length: codesForAllAttempts }, () => ATTEMPTS_PER_CODE),
);
const computeYearlyProbability = (links: number) => 1 - (1 - probabilityPerLink) ** links;

let page: string;
beforeAll(async () => {
  page = await readFile('docs/explanation/security-model.md', 'utf8');
});

const formatNumber = (value: number) => value.toLocaleString('en-GB');
const formatTableRow = (...cells: string[]) => `| ${cells.join(' | ')} |`;

describe('the odds in docs/explanation/security-model.md', () => {
  it('match the limits for one code and for one link', () => {
    const code = `${ATTEMPTS_PER_CODE} in ${formatNumber(CODES)}`;
    expect(page).toContain(formatTableRow('one code', String(ATTEMPTS_PER_CODE), code));
    const power = '⁰¹²³⁴⁵⁶⁷⁸⁹'[codesForAllAttempts];
    const formula = `1 − (1 − ${ATTEMPTS_PER_CODE}/${formatNumber(CODES)})${power}`;
    const link = `${formula} = ${(probabilityPerLink * CODES).toFixed(5)} in ${formatNumber(CODES)}`;
    expect(page).toContain(
      formatTableRow('one link, with the best strategy', String(ATTEMPTS_PER_LINK), link),
    );
    // The integrator can get this many codes without a resend by an administrator.
    expect(1 + NEW_CODES_PER_LINK).toBeGreaterThanOrEqual(codesForAllAttempts);
  });

  it.each([100, 1_000, 10_000])('match the limits for a year with %i links', (links) => {
    const chance = `${(computeYearlyProbability(links) * 100).toFixed(2)} %`;
    const label = `every link of a year with ${formatNumber(links)} links`;
    expect(page).toContain(formatTableRow(label, formatNumber(links * ATTEMPTS_PER_LINK), chance));
  });

  it('state the limits in prose', () => {
    const prose = page.replaceAll(/\s+/g, ' ');
    expect(prose).toContain(`lasts ${CODE_MINUTES} minutes and allows ${ATTEMPTS_PER_CODE} attempts`);
    expect(prose).toContain(`lasts ${LINK_HOURS} hours and allows ${ATTEMPTS_PER_LINK} attempts`);
    expect(prose).toContain(`[${ATTEMPTS_PER_LINK} in a million](#odds-of-guessing-a-code)`);
    expect(prose).toContain(`the ${NEW_CODES_PER_LINK} that the integrator can request`);
    expect(prose).toContain(`(1 − ${(probabilityPerLink * CODES).toFixed(5)}/${formatNumber(CODES)})ᴹ`);
  });

  it("are an upper bound, however the link's attempts are spread over codes", () => {
    const spread = fc.array(fc.integer({ min: 1, max: ATTEMPTS_PER_CODE }), { maxLength: ATTEMPTS_PER_LINK });
    const property = fc.property(spread, (guesses) => {
      fc.pre(guesses.reduce((sum, attempts) => sum + attempts, 0) <= ATTEMPTS_PER_LINK);
      expect(computeProbability(guesses)).toBeLessThanOrEqual(probabilityPerLink);
      expect(computeProbability(guesses)).toBeLessThan(ATTEMPTS_PER_LINK / CODES);
    });
    fc.assert(property);
  });
});
