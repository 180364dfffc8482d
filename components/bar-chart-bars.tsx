import type { PointerEvent } from 'react';
import { getAxisMaximum, stackSegments } from './bar-chart-layout.ts';
import { formatCount } from './format.ts';

export type ChartTone = 'main' | 'quiet' | 'dim' | 'caution' | 'alarm';
export type Series = { label: string; tone: ChartTone };
/** `label`: the period of the bar; `tick`: a short label below it; `values`: one for each series, from the base up. */
export type Bar = { label: string; tick?: string | undefined; values: number[] };

export const FILL_CLASSES: Record<ChartTone, string> = {
  main: 'fill-info',
  quiet: 'fill-edge',
  dim: 'fill-muted',
  caution: 'fill-warning',
  alarm: 'fill-danger',
};

/** Vertical positions in pixels from the top. Horizontal positions are percentages of the width. */
const TOP_Y = 18;
const BASE_Y = 128;
const TICKS_Y = 144;
const HEIGHT = 150;

type BarsProps = {
  series: Series[];
  bars: Bar[];
  selectedIndex: number | null;
  onSelect: (index: number | null) => void;
};

/** Draws the bars over the full width; hidden from screen readers. */
export function Bars({ series, bars, selectedIndex, onSelect }: BarsProps) {
  const maximum = getAxisMaximum(bars);
  const slotPercent = 100 / bars.length;

  function selectBar(event: PointerEvent<SVGSVGElement>) {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const index = Math.floor(((event.clientX - left) / width) * bars.length);
    onSelect(Math.min(Math.max(index, 0), bars.length - 1));
  }

  return (
    <svg
      aria-hidden="true"
      width="100%"
      height={HEIGHT}
      onPointerDown={selectBar}
      onPointerMove={selectBar}
      onPointerLeave={({ pointerType }) => pointerType === 'mouse' && onSelect(null)}
      className="block touch-pan-y select-none overflow-visible rounded-sm outline-offset-4 peer-focus-visible:outline-2 peer-focus-visible:outline-ring"
    >
      <Axes maximum={maximum} />
      {bars.map(({ label, tick, values }, index) => (
        <g key={label}>
          {index === selectedIndex && (
            <rect
              x={`${index * slotPercent}%`}
              y={TOP_Y}
              width={`${slotPercent}%`}
              height={BASE_Y - TOP_Y}
              className="fill-line"
            />
          )}
          {stackSegments(values, maximum, BASE_Y - TOP_Y).map((segment) => (
            <rect
              key={segment.index}
              x={`${(index + 0.14) * slotPercent}%`}
              y={BASE_Y - segment.from - segment.height}
              width={`${slotPercent * 0.72}%`}
              height={segment.height}
              rx={1}
              className={FILL_CLASSES[series[segment.index]?.tone ?? 'main']}
            />
          ))}
          {tick && <Tick index={index} count={bars.length} label={tick} />}
        </g>
      ))}
    </svg>
  );
}

/** Draws the labelled line at the axis maximum, and the base line. */
function Axes({ maximum }: { maximum: number }) {
  return (
    <>
      {maximum > 0 && (
        <>
          <line x2="100%" y1={TOP_Y - 0.5} y2={TOP_Y - 0.5} strokeDasharray="2 3" className="stroke-line" />
          <text x="100%" y={TOP_Y - 6} textAnchor="end" className="fill-muted text-xs tabular-nums">
            {formatCount(maximum)}
          </text>
        </>
      )}
      <line x2="100%" y1={BASE_Y + 0.5} y2={BASE_Y + 0.5} className="stroke-edge" />
    </>
  );
}

/** Labels a bar. The first label is aligned left and the last right, so that neither leaves the chart. */
function Tick({ index, count, label }: { index: number; count: number; label: string }) {
  const isFirst = index === 0;
  const isLast = index === count - 1;
  const position = isFirst ? 0 : isLast ? 1 : (index + 0.5) / count;
  return (
    <text
      x={`${position * 100}%`}
      y={TICKS_Y}
      textAnchor={isFirst ? 'start' : isLast ? 'end' : 'middle'}
      className="fill-muted text-xs"
    >
      {label}
    </text>
  );
}
