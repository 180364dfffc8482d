'use client';
import { useState } from 'react';
import { type Bar, Bars, FILL_CLASSES, type Series } from './bar-chart-bars.tsx';
import { classNames } from './class-names.ts';
import { formatCount } from './format.ts';

export type BarChartProps = {
  /** One sentence for screen readers. */
  summary: string;
  /** The period of all bars together, such as "Last 24 hours". */
  title: string;
  /** Shown beside the title, such as "Days start at midnight UTC". */
  note: string;
  /** The period of one bar, such as "Hour". */
  unit: string;
  series: Series[];
  bars: Bar[];
};

/**
 * Shows stacked bars, and below them the figures of the selected bar, or the totals if none is selected.
 * The pointer selects a bar; the keyboard does so with a visually hidden slider. Screen readers get a sentence, the
 * slider and a table.
 */
export function BarChart({ summary, title, note, unit, series, bars }: BarChartProps) {
  const [selectedIndex, setSelectedIndex] = useState<number | null>(null);
  const bar = selectedIndex === null ? undefined : bars[selectedIndex];
  const totals = series.map((_, index) => bars.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));

  return (
    <figure className="relative">
      <figcaption className="sr-only">{summary}</figcaption>
      <input
        type="range"
        aria-label={unit}
        aria-valuetext={formatBar(bars[selectedIndex ?? bars.length - 1], series)}
        min={0}
        max={bars.length - 1}
        value={selectedIndex ?? bars.length - 1}
        onFocus={() => setSelectedIndex(bars.length - 1)}
        onBlur={() => setSelectedIndex(null)}
        onChange={(event) => setSelectedIndex(event.currentTarget.valueAsNumber)}
        className="peer sr-only"
      />
      <Bars series={series} bars={bars} selectedIndex={selectedIndex} onSelect={setSelectedIndex} />
      <div className="mt-2 flex flex-wrap justify-between gap-x-4 text-sm">
        <p className="font-medium tabular-nums">{bar?.label ?? title}</p>
        <p className="text-muted">{note}</p>
      </div>
      <Figures series={series} values={bar?.values ?? totals} />
      <FiguresTable title={title} unit={unit} series={series} bars={bars} />
    </figure>
  );
}

/** Formats a bar for screen readers, such as "24 Nov. Allowed 1,200. Blocked: over limit 3". */
function formatBar(bar: Bar | undefined, series: Series[]): string {
  const values = series.map(({ label }, index) => `${label} ${formatCount(bar?.values[index] ?? 0)}`);
  return `${bar?.label}. ${values.join('. ')}`;
}

function Figures({ series, values }: { series: Series[]; values: number[] }) {
  return (
    <dl className="mt-1.5 grid gap-1 text-sm">
      {series.map(({ label, tone }, index) => (
        <div key={label} className="flex items-center gap-2">
          <dt className="flex min-w-0 flex-1 items-center gap-2 text-muted">
            <svg
              aria-hidden="true"
              viewBox="0 0 10 10"
              className={classNames('size-2.5', FILL_CLASSES[tone])}
            >
              <rect width="10" height="10" rx="2" />
            </svg>
            <span>{label}</span>
          </dt>
          <dd className="font-medium tabular-nums">{formatCount(values[index] ?? 0)}</dd>
        </div>
      ))}
    </dl>
  );
}

type FiguresTableProps = Pick<BarChartProps, 'title' | 'unit' | 'series' | 'bars'>;

/** Renders all figures for screen readers, in a wrapper because `sr-only` cannot shrink a table. */
function FiguresTable({ title, unit, series, bars }: FiguresTableProps) {
  return (
    <div className="sr-only">
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">{unit}</th>
            {series.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bars.map(({ label, values }) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              {series.map((each, index) => (
                <td key={each.label}>{formatCount(values[index] ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
