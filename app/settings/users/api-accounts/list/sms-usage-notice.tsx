import { Notice } from '#components/notice.tsx';
import { TEXT_MESSAGES_PAGE } from '#lib/notifications/sms/labels.ts';
import type { SmsUsage } from '#lib/notifications/sms/schema.ts';
import { getUsageLevel } from '#lib/notifications/sms/usage-level.ts';
import { MessageWithSettingsLink } from '../../../message-with-settings-link.tsx';
import { UsageConsequence } from '../../../text-messages/usage-consequence.tsx';
import { formatUsed } from '../../../text-messages/usage-labels.ts';

/** Warns administrators when today's text messages are nearly or all used. */
export function SmsUsageNotice({ usage }: { usage: SmsUsage }) {
  const level = getUsageLevel(usage);
  if (level === 'normal') return null;
  return (
    <Notice tone={level === 'near' ? 'warning' : 'danger'} title={formatUsed(usage)} className="mb-5">
      <p>
        <UsageConsequence usage={usage} />
        <MessageWithSettingsLink>{` Change the limit in ${TEXT_MESSAGES_PAGE}.`}</MessageWithSettingsLink>
      </p>
    </Notice>
  );
}
