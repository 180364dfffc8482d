export type MeterTone = 'info' | 'warning' | 'danger';

const FILLS: Record<MeterTone, string> = {
  info: 'fill-info',
  warning: 'fill-warning',
  danger: 'fill-danger',
};

export type MeterProps = {
  label: string;
  value: number;
  max: number;
  tone: MeterTone;
  /** What a screen reader says for the value. */
  words: string;
  /** A line across at this value: from here on it gets tight. */
  mark?: number;
};

/** How much of something is used. Drawn, since the pages' policy allows no style of its own for a width. */
export function Meter({ label, value, max, tone, words, mark }: MeterProps) {
  const share = max > 0 ? Math.min(value / max, 1) * 100 : 100;
  return (
    // biome-ignore lint/a11y/useSemanticElements: browsers draw the real one each in their own way
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={Math.min(value, max)}
      aria-valuetext={words}
      className="overflow-hidden rounded-full border border-line bg-sunken"
    >
      <svg aria-hidden="true" className="block h-2.5 w-full">
        <rect width={`${share}%`} height="100%" className={FILLS[tone]} />
        {mark !== undefined && max > 0 && (
          <rect x={`${(mark / max) * 100}%`} width="1.5" height="100%" className="fill-edge" />
        )}
      </svg>
    </div>
  );
}
