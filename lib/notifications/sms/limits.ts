/** What the checks on `text_rules` allow, too. */
export const MAX_PER_DAY = 100_000;
export const MAX_PER_ACCOUNT = 1_000;

/**
 * Texts a day for the installation, until somebody saves another figure. At 5 to 10 US cents a text, as most
 * countries cost, nobody can run up more than some 20 US dollars in a day; and a hundred companies can still be
 * given access in one, each with a second code.
 */
export const DEFAULT_PER_DAY = 200;
/**
 * Texts a day for one account. One link takes 6 at most by what its integrator does (the first and 5 new codes), so
 * this is three whole hand-overs and two texts to spare: more than anybody needs who is not stuck.
 */
export const DEFAULT_PER_ACCOUNT = 20;

/** From this share of the ceiling on, administrators are warned. In hundredths. */
export const WARNING_PERCENT = 80;

/** Between groups of three digits: a comma or a space of any kind. */
const THOUSANDS = /(?<=\d)[,\s](?=\d{3}(?!\d))/g;

/**
 * Reads a ceiling as somebody typed it.
 * @returns undefined where it is no whole number from 0 to `most`
 */
export function parseDailyLimit(typed: string | number, most: number): number | undefined {
  const digits = String(typed).trim().replace(THOUSANDS, '');
  if (!/^\d{1,20}$/.test(digits)) return undefined;
  const ceiling = Number(digits);
  return ceiling <= most ? ceiling : undefined;
}
