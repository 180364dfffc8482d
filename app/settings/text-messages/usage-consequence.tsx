import { formatCount } from '#components/format.ts';
import { LocalTime } from '#components/local-time.tsx';
import type { SmsUsage } from '#lib/notifications/sms/schema.ts';
import { getUsageLevel } from '#lib/notifications/sms/usage-level.ts';

/** Describes how many texts are left today, or what the reached limit blocks, and when the limit resets. */
export function UsageConsequence({ usage }: { usage: SmsUsage }) {
  const { queued, perDay, resetsAt, timeZone } = usage;
  const resetTime = <LocalTime at={resetsAt} format="time of day" timeZone={timeZone} />;
  if (getUsageLevel(usage) !== 'reached')
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
