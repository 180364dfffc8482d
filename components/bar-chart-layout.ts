/** The least height of a part that is not nothing: one request in a million has to be seen. */
const LEAST = 3;
const GAP = 1;
const ROUND = [1, 2, 3, 4, 5, 6, 8, 10];

/** The round number that the tallest bar stays under, one digit and zeros; 0 where there is nothing to see. */
export function scaleFor(bars: readonly { values: readonly number[] }[]): number {
  const tallest = Math.max(0, ...bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0)));
  if (tallest === 0) return 0;
  const power = 10 ** Math.floor(Math.log10(tallest));
  return ROUND.map((step) => step * power).find((round) => round >= tallest) ?? tallest;
}

export type Part = {
  /** Which of the values. */
  index: number;
  /** From the bar's foot up. */
  from: number;
  height: number;
};

/** How the values of one bar are stacked, without those that are nothing, in a room of a certain height. */
export function stack(values: readonly number[], scale: number, room: number): Part[] {
  const seen = values.flatMap((value, index) => (value > 0 ? [{ value, index }] : []));
  // What the least heights and the gaps take is left out of what is shared by value.
  const shared = room - seen.length * LEAST;
  let top = 0;
  return seen.map(({ value, index }) => {
    const from = top === 0 ? 0 : top + GAP;
    top += LEAST + (value / scale) * shared;
    return { index, from, height: top - from };
  });
}
