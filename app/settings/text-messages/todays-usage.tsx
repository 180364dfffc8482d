import { Meter, type MeterTone } from '#components/meter.tsx';
import { Notice } from '#components/notice.tsx';
import type { SmsUsage } from '#lib/notifications/sms/schema.ts';
import { levelOf, type UseLevel, warningAt } from '#lib/notifications/sms/status.ts';
import { formatConsequence, formatUsed } from './usage-labels.ts';

const TONES: Record<UseLevel, MeterTone> = { fine: 'info', near: 'warning', reached: 'danger' };

/** How many of today's texts are used, as a bar and in words. */
export function TodaysUsage({ use }: { use: SmsUsage }) {
  const level = levelOf(use);
  const words = formatUsed(use);
  const refused = use.refused > 0 ? ` ${use.refused.toLocaleString('en-GB')} refused today.` : '';
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
          value={use.queued}
          max={use.perDay}
          mark={warningAt(use.perDay)}
          tone={TONES[level]}
          valueText={words}
        />
        {level === 'fine' ? (
          <p className="tabular-nums">
            <span>{`${words}. `}</span>
            <span className="text-muted">{`${formatConsequence(use)}${refused}`}</span>
          </p>
        ) : (
          <Notice tone={level === 'near' ? 'warning' : 'danger'} title={words}>
            <p>{`${formatConsequence(use)}${refused}`}</p>
          </Notice>
        )}
      </div>
    </section>
  );
}
