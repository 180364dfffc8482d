import { formatCount } from '#components/format.ts';
import { Meter, type MeterTone } from '#components/meter.tsx';
import { Notice } from '#components/notice.tsx';
import type { SmsUsage } from '#lib/notifications/sms/schema.ts';
import { getUsageLevel, getWarningThreshold, type UsageLevel } from '#lib/notifications/sms/usage-level.ts';
import { UsageConsequence } from './usage-consequence.tsx';
import { formatUsed } from './usage-labels.ts';

const TONES: Record<UsageLevel, MeterTone> = { normal: 'info', near: 'warning', reached: 'danger' };

/** Shows how many of today's text messages are used, as a bar and a sentence. */
export function TodaysUsage({ usage }: { usage: SmsUsage }) {
  const level = getUsageLevel(usage);
  const usageText = formatUsed(usage);
  const consequence = (
    <>
      <UsageConsequence usage={usage} />
      {usage.blocked > 0 && <span>{` ${formatCount(usage.blocked)} blocked today.`}</span>}
    </>
  );
  return (
    <section
      aria-labelledby="todays-texts"
      className="rounded-lg border border-line bg-surface p-5 shadow-card"
    >
      <h2 id="todays-texts" className="font-semibold text-xl tracking-tight">
        Today
      </h2>
      <div className="mt-3 grid gap-3">
        <Meter
          label="Today’s texts"
          value={usage.queued}
          max={usage.perDay}
          mark={getWarningThreshold(usage.perDay)}
          tone={TONES[level]}
          valueText={usageText}
        />
        {level === 'normal' ? (
          <p className="tabular-nums">
            <span>{`${usageText}. `}</span>
            <span className="text-muted">{consequence}</span>
          </p>
        ) : (
          <Notice tone={level === 'near' ? 'warning' : 'danger'} title={usageText}>
            <p>{consequence}</p>
          </Notice>
        )}
      </div>
    </section>
  );
}
