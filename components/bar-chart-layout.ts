/** Minimum height of a segment, including the gap below it, so that one request in a million stays visible. */
const MIN_HEIGHT = 3;
/** Gap between two segments. */
const GAP = 1;
/** Multiples of a power of ten at which the value axis may end. */
const ROUND_STEPS = [1, 2, 3, 4, 5, 6, 8, 10];

/** Returns the end of the value axis: a round number that no bar exceeds, or 0 if all bars are empty. */
export function getAxisMaximum(bars: readonly { values: readonly number[] }[]): number {
  const tallest = Math.max(0, ...bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0)));
  if (tallest === 0) return 0;
  const power = 10 ** Math.floor(Math.log10(tallest));
  return ROUND_STEPS.map((step) => step * power).find((round) => round >= tallest) ?? tallest;
}

/** A rectangle for one value of a bar, in pixels. */
export type Segment = {
  /** Index into the bar's values. */
  index: number;
  /** Distance from the base of the bar. */
  from: number;
  height: number;
};

/** Stacks segments for the values of one bar, except zeros, within `availableHeight` pixels. */
export function stackSegments(
  values: readonly number[],
  maximum: number,
  availableHeight: number,
): Segment[] {
  const visible = values.flatMap((value, index) => (value > 0 ? [{ value, index }] : []));
  // Each segment gets the minimum height; the rest is shared in proportion to the values.
  const sharedHeight = availableHeight - visible.length * MIN_HEIGHT;
  let top = 0;
  return visible.map(({ value, index }) => {
    const from = top === 0 ? 0 : top + GAP;
    top += MIN_HEIGHT + (value / maximum) * sharedHeight;
    return { index, from, height: top - from };
  });
}
