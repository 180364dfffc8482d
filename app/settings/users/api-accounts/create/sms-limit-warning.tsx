import { LocalTime } from '#components/local-time.tsx';
import { Notice } from '#components/notice.tsx';
import { TEXT_MESSAGES_PAGE } from '#lib/notifications/sms/labels.ts';
import type { SmsUsage } from '#lib/notifications/sms/schema.ts';
import { getUsageLevel } from '#lib/notifications/sms/usage-level.ts';
import { MessageWithSettingsLink } from '../../../message-with-settings-link.tsx';
import { formatUsed } from '../../../text-messages/usage-labels.ts';

/** Warns before an account is created whose code cannot be sent, because today's limit of text messages is reached. */
export function SmsLimitWarning({ usage }: { usage: SmsUsage }) {
  if (getUsageLevel(usage) !== 'reached') return null;
  return (
    <Notice tone="warning" title={formatUsed(usage)} className="mb-4">
      <p>
        <span>We’ll email the link, but we can’t text the code now. </span>
        {usage.perDay > 0 && (
          <span>
            Texts resume at <LocalTime at={usage.resetsAt} format="time of day" timeZone={usage.timeZone} />:
            resend the text then.{' '}
          </span>
        )}
        <MessageWithSettingsLink
          opensNewTab
        >{`You can change the limit in ${TEXT_MESSAGES_PAGE}.`}</MessageWithSettingsLink>
      </p>
    </Notice>
  );
}
