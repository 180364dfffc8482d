'use client';
import { BarChart } from '#components/bar-chart.tsx';
import { Button } from '#components/button.tsx';
import { useTimeZone } from '#components/local-time.tsx';
import { Skeleton, SkeletonBox, SkeletonLine, SkeletonText } from '#components/skeleton.tsx';
import { Tabs } from '#components/tabs.tsx';
import type { AccountUsage } from '#lib/api-accounts/usage/schema.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { OldKeyUsage } from './old-key-usage.tsx';
import {
  buildDayBars,
  buildHourBars,
  hasNoRequests,
  listSeries,
  SERIES,
  summarizeUsage,
} from './usage-labels.ts';
import { useUsage } from './use-usage.ts';

type UsagePanelProps = {
  accountId: string;
  /** Whether the key was used when the page was loaded. */
  isUsed: boolean;
};

/** Loads and shows an account's requests in the last 24 hours and 30 days. */
export function UsagePanel({ accountId, isUsed }: UsagePanelProps) {
  const { state, tryAgain } = useUsage(accountId);
  return (
    <div className="flex min-w-0 flex-col">
      {state.status === 'loading' && (
        <Skeleton isPart={!state.isRetry}>{isUsed ? <ChartSkeleton /> : <NoRequestsSkeleton />}</Skeleton>
      )}
      {state.status === 'failed' && (
        <div className="mt-3 grid gap-3 justify-items-start">
          <ActionFailure failure={state} />
          {!state.isOutdated && (
            <Button size="sm" onClick={tryAgain}>
              Try again
            </Button>
          )}
        </div>
      )}
      {state.status === 'loaded' && <Usage usage={state.usage} />}
      {state.status === 'loaded' && <OldKeyUsage usage={state.usage} />}
    </div>
  );
}

const NO_REQUESTS = 'No requests yet. Once they start using their key, you’ll see their activity here.';

function NoRequestsSkeleton() {
  return (
    <p className="mt-1">
      <SkeletonText>{NO_REQUESTS}</SkeletonText>
    </p>
  );
}

/** Draws the tabs, the bars, the period and the figures. */
function ChartSkeleton() {
  return (
    <>
      <SkeletonBox className="h-10.5 w-40 sm:h-8.5" />
      <div className="mt-3 h-37.5 border-line border-b" />
      <div className="mt-2 flex flex-wrap justify-between gap-x-4 text-sm">
        <SkeletonLine className="w-28" />
        <SkeletonLine className="w-40" />
      </div>
      <div className="mt-1.5 grid gap-1 text-sm">
        {SERIES.map(({ label }) => (
          <SkeletonLine key={label} className="w-full" />
        ))}
      </div>
    </>
  );
}

function Usage({ usage }: { usage: AccountUsage }) {
  const { lastUsedAt, hours, days } = usage;
  const timeZone = useTimeZone();
  const series = listSeries(usage);
  if (!lastUsedAt && hasNoRequests(hours.total) && hasNoRequests(days.total)) {
    return <p className="mt-1 text-muted">{NO_REQUESTS}</p>;
  }
  return (
    <Tabs
      label="Period"
      tabs={[
        {
          name: '24 hours',
          content: (
            <BarChart
              summary={summarizeUsage(hours, 'in the last 24 hours')}
              title="Last 24 hours"
              note="Hours in your time zone"
              unit="Hour"
              series={series}
              bars={buildHourBars(hours, series, timeZone)}
            />
          ),
        },
        {
          name: '30 days',
          content: (
            <BarChart
              summary={summarizeUsage(days, 'in the last 30 days')}
              title="Last 30 days"
              note="Days start at midnight UTC"
              unit="Day"
              series={series}
              bars={buildDayBars(days, series)}
            />
          ),
        },
      ]}
    />
  );
}
