'use client';
import { BarChart } from '#components/bar-chart.tsx';
import { Button } from '#components/button.tsx';
import { useTimeZone } from '#components/local-time.tsx';
import { Spinner } from '#components/spinner.tsx';
import { Tabs } from '#components/tabs.tsx';
import type { AccountUsage } from '#lib/api-accounts/usage/schema.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { buildDayBars, buildHourBars, hasNoRequests, SERIES, summarizeUsage } from './usage-labels.ts';
import { useUsage } from './use-usage.ts';

/** Loads and shows an account's requests in the last 24 hours and 30 days. */
export function UsagePanel({ accountId }: { accountId: string }) {
  const { state, tryAgain } = useUsage(accountId);
  return (
    <div aria-busy={state.status === 'loading'} className="flex min-w-0 flex-col aria-busy:min-h-72">
      {state.status === 'loading' && (
        <p role="status" className="m-auto flex items-center gap-2 text-muted">
          <Spinner />
          <span>Loading…</span>
        </p>
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
    </div>
  );
}

function Usage({ usage }: { usage: AccountUsage }) {
  const { lastUsedAt, hours, days } = usage;
  const timeZone = useTimeZone();
  if (!lastUsedAt && hasNoRequests(hours.total) && hasNoRequests(days.total)) {
    return (
      <p className="mt-1 text-muted">
        No requests yet. Once they start using their key, you’ll see their activity here.
      </p>
    );
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
              series={[...SERIES]}
              bars={buildHourBars(hours, timeZone)}
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
              series={[...SERIES]}
              bars={buildDayBars(days)}
            />
          ),
        },
      ]}
    />
  );
}
