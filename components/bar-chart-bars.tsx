import type { PointerEvent } from 'react';
import { axisMaximum, stackSegments } from './bar-chart-layout.ts';
import { formatCount } from './format.ts';

export type ChartTone = 'main' | 'quiet' | 'alarm';
export type Series = { label: string; tone: ChartTone };
/** `values`: one for each series, from the base up; `tick`: the label below the bar. */
export type Bar = { label: string; tick?: string | undefined; values: number[] };

export const FILLS: Record<ChartTone, string> = {
  main: 'fill-info',
  quiet: 'fill-edge',
  alarm: 'fill-danger',
};

/** Vertical positions in pixels from the top. Horizontal ones are percentages. */
const TOP = 18;
const BASE = 128;
const TICKS = 144;
const HEIGHT = 150;

type BarsProps = {
  series: Series[];
  bars: Bar[];
  selected: number | null;
  onSelect: (index: number | null) => void;
};

/** Draws the bars over the full width; hidden from screen readers. */
export function Bars({ series, bars, selected, onSelect }: BarsProps) {
  const maximum = axisMaximum(bars);
  const slot = 100 / bars.length;

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
          {index === selected && (
            <rect
              x={`${index * slot}%`}
              y={TOP}
              width={`${slot}%`}
              height={BASE - TOP}
              className="fill-line"
            />
          )}
          {stackSegments(values, maximum, BASE - TOP).map((segment) => (
            <rect
              key={segment.index}
              x={`${(index + 0.14) * slot}%`}
              y={BASE - segment.from - segment.height}
              width={`${slot * 0.72}%`}
              height={segment.height}
              rx={1}
              className={FILLS[series[segment.index]?.tone ?? 'main']}
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
          <line x2="100%" y1={TOP - 0.5} y2={TOP - 0.5} strokeDasharray="2 3" className="stroke-line" />
          <text x="100%" y={TOP - 6} textAnchor="end" className="fill-muted text-xs tabular-nums">
            {formatCount(maximum)}
          </text>
        </>
      )}
      <line x2="100%" y1={BASE + 0.5} y2={BASE + 0.5} className="stroke-edge" />
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
      y={TICKS}
      textAnchor={isFirst ? 'start' : isLast ? 'end' : 'middle'}
      className="fill-muted text-xs"
    >
      {label}
    </text>
  );
}
