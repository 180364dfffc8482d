import { formatCount } from '#components/format.ts';
import { LocalTime } from '#components/local-time.tsx';
import type { SmsUsage } from '#lib/notifications/sms/schema.ts';
import { usageLevel } from '#lib/notifications/sms/status.ts';

/** Describes which messages can still be sent today, and when the limit resets. */
export function UsageConsequence({ usage }: { usage: SmsUsage }) {
  const { queued, perDay, resetsAt } = usage;
  const resetTime = <LocalTime at={resetsAt} format="time of day" />;
  if (usageLevel(usage) !== 'reached')
    return (
      <>
        <span>{`${formatCount(perDay - queued)} left today. `}</span>
        <span>After that, no texts are sent until {resetTime}.</span>
      </>
    );
  return (
    <>
      <span>Emails are still sent, but companies can’t collect a key without a code.</span>
      {perDay > 0 && <span> Texts resume at {resetTime}.</span>}
    </>
  );
}
