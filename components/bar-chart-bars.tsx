import type { PointerEvent } from 'react';
import { scaleFor, stack } from './bar-chart-layout.ts';

export type ChartTone = 'main' | 'quiet' | 'alarm';
export type Series = { label: string; tone: ChartTone };
/** `values`: one for each series, from the foot up; `tick`: what stands below the bar. */
export type Bar = { label: string; tick?: string | undefined; values: number[] };

export const FILLS: Record<ChartTone, string> = {
  main: 'fill-info',
  quiet: 'fill-edge',
  alarm: 'fill-danger',
};

/** Pixels from the top: the scale's line, the bars' foot, the ticks' base line, the end. Across, all is in per cent. */
const TOP = 18;
const FOOT = 128;
const TICKS = 144;
const HEIGHT = 150;

export const formatCount = (value: number) => value.toLocaleString('en-GB');

type BarsProps = {
  series: Series[];
  bars: Bar[];
  chosen: number | null;
  onChoose: (index: number | null) => void;
};

/** What is seen of a bar chart: the bars, in as much width as there is. */
export function Bars({ series, bars, chosen, onChoose }: BarsProps) {
  const scale = scaleFor(bars);
  const slot = 100 / bars.length;

  function choose(event: PointerEvent<SVGSVGElement>) {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const index = Math.floor(((event.clientX - left) / width) * bars.length);
    onChoose(Math.min(Math.max(index, 0), bars.length - 1));
  }

  return (
    <svg
      aria-hidden="true"
      width="100%"
      height={HEIGHT}
      onPointerDown={choose}
      onPointerMove={choose}
      onPointerLeave={({ pointerType }) => pointerType === 'mouse' && onChoose(null)}
      className="block touch-pan-y select-none overflow-visible rounded-sm outline-offset-4 peer-focus-visible:outline-2 peer-focus-visible:outline-ring"
    >
      <Scale scale={scale} />
      {bars.map(({ label, tick, values }, index) => (
        <g key={label}>
          {index === chosen && (
            <rect
              x={`${index * slot}%`}
              y={TOP}
              width={`${slot}%`}
              height={FOOT - TOP}
              className="fill-line"
            />
          )}
          {stack(values, scale, FOOT - TOP).map((part) => (
            <rect
              key={part.index}
              x={`${(index + 0.14) * slot}%`}
              y={FOOT - part.from - part.height}
              width={`${slot * 0.72}%`}
              height={part.height}
              rx={1}
              className={FILLS[series[part.index]?.tone ?? 'main']}
            />
          ))}
          {tick && <Tick index={index} count={bars.length} words={tick} />}
        </g>
      ))}
    </svg>
  );
}

/** The line that the scale ends at, with its figure, and the one that the bars stand on. */
function Scale({ scale }: { scale: number }) {
  return (
    <>
      {scale > 0 && (
        <>
          <line x2="100%" y1={TOP - 0.5} y2={TOP - 0.5} strokeDasharray="2 3" className="stroke-line" />
          <text x="100%" y={TOP - 6} textAnchor="end" className="fill-muted text-xs tabular-nums">
            {formatCount(scale)}
          </text>
        </>
      )}
      <line x2="100%" y1={FOOT + 0.5} y2={FOOT + 0.5} className="stroke-edge" />
    </>
  );
}

/** Below its bar; the first and the last begin and end with theirs, so as not to stand out. */
function Tick({ index, count, words }: { index: number; count: number; words: string }) {
  const isFirst = index === 0;
  const isLast = index === count - 1;
  const place = isFirst ? 0 : isLast ? 1 : (index + 0.5) / count;
  return (
    <text
      x={`${place * 100}%`}
      y={TICKS}
      textAnchor={isFirst ? 'start' : isLast ? 'end' : 'middle'}
      className="fill-muted text-xs"
    >
      {words}
    </text>
  );
}
