'use client';
import { useState } from 'react';
import { type Bar, Bars, FILLS, formatCount, type Series } from './bar-chart-bars.tsx';
import { classNames } from './class-names.ts';

export type BarChartProps = {
  /** All of it in a sentence, for those who do not see it. */
  summary: string;
  /** What all bars together stand for, such as "Last 24 hours". */
  title: string;
  /** Said beside the title, such as "Hours in UTC". */
  note: string;
  /** What one bar stands for, such as "Hour". */
  unit: string;
  series: Series[];
  bars: Bar[];
};

/**
 * A bar chart of stacked bars. The figures below it are those of the bar under the pointer or, for the
 * keyboard, of the one that an unseen slider has chosen; else those of all bars together. Screen readers get
 * a sentence, the slider and a table.
 */
export function BarChart({ summary, title, note, unit, series, bars }: BarChartProps) {
  const [chosen, setChosen] = useState<number | null>(null);
  const bar = chosen === null ? undefined : bars[chosen];
  const totals = series.map((_, index) => bars.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));

  return (
    <figure className="relative">
      <figcaption className="sr-only">{summary}</figcaption>
      <input
        type="range"
        aria-label={unit}
        aria-valuetext={inWords(bars[chosen ?? bars.length - 1], series)}
        min={0}
        max={bars.length - 1}
        value={chosen ?? bars.length - 1}
        onFocus={() => setChosen(bars.length - 1)}
        onBlur={() => setChosen(null)}
        onChange={(event) => setChosen(event.currentTarget.valueAsNumber)}
        className="peer sr-only"
      />
      <Bars series={series} bars={bars} chosen={chosen} onChoose={setChosen} />
      <div className="mt-2 flex flex-wrap justify-between gap-x-4 text-sm">
        <p className="font-medium tabular-nums">{bar?.label ?? title}</p>
        <p className="text-muted">{note}</p>
      </div>
      <Figures series={series} values={bar?.values ?? totals} />
      <FiguresTable title={title} unit={unit} series={series} bars={bars} />
    </figure>
  );
}

function inWords(bar: Bar | undefined, series: Series[]): string {
  const values = series.map(({ label }, index) => `${label} ${formatCount(bar?.values[index] ?? 0)}`);
  return `${bar?.label}. ${values.join('. ')}`;
}

function Figures({ series, values }: { series: Series[]; values: number[] }) {
  return (
    <dl className="mt-1.5 grid gap-1 text-sm">
      {series.map(({ label, tone }, index) => (
        <div key={label} className="flex items-center gap-2">
          <dt className="flex min-w-0 flex-1 items-center gap-2 text-muted">
            <svg aria-hidden="true" viewBox="0 0 10 10" className={classNames('size-2.5', FILLS[tone])}>
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

/** In a box of its own, since a table does not let itself be made as small as what is unseen has to be. */
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
