export type MeterTone = 'info' | 'warning' | 'danger';

const FILL_CLASSES: Record<MeterTone, string> = {
  info: 'fill-info',
  warning: 'fill-warning',
  danger: 'fill-danger',
};

export type MeterProps = {
  label: string;
  value: number;
  max: number;
  tone: MeterTone;
  /** The value as a text for screen readers. */
  valueText: string;
  /** Draws a line at this value, such as a warning threshold. */
  mark?: number;
};

/**
 * Shows a value as a part of `max`; full if `max` is 0, because nothing is left. Draws an SVG, because the
 * Content-Security-Policy forbids inline styles.
 */
export function Meter({ label, value, max, tone, valueText, mark }: MeterProps) {
  const percent = max > 0 ? Math.min(value / max, 1) * 100 : 100;
  return (
    // biome-ignore lint/a11y/useSemanticElements: each browser draws `<meter>` differently.
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={Math.min(value, max)}
      aria-valuetext={valueText}
      className="overflow-hidden rounded-full border border-line bg-sunken"
    >
      <svg aria-hidden="true" className="block h-2.5 w-full">
        <rect width={`${percent}%`} height="100%" className={FILL_CLASSES[tone]} />
        {mark !== undefined && max > 0 && (
          <rect x={`${(mark / max) * 100}%`} width="1.5" height="100%" className="fill-edge" />
        )}
      </svg>
    </div>
  );
}
