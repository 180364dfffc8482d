import { Notice } from '#components/notice.tsx';
import { type SmsUsage, TEXT_MESSAGES_PLACE } from '#lib/notifications/sms/schema.ts';
import { levelOf } from '#lib/notifications/sms/status.ts';
import { MessageWithSettingsLink } from '../../../message-with-settings-link.tsx';
import { formatConsequence, formatUsed } from '../../../text-messages/usage-labels.ts';

/** Warns administrators above their list when today's texts are nearly, or all, used. */
export function SmsUsageNotice({ use }: { use: SmsUsage }) {
  const level = levelOf(use);
  if (level === 'fine') return null;
  return (
    <Notice tone={level === 'near' ? 'warning' : 'danger'} title={formatUsed(use)} className="mb-5">
      <p>
        {formatConsequence(use)}{' '}
        <MessageWithSettingsLink>{`Look or change it under ${TEXT_MESSAGES_PLACE}.`}</MessageWithSettingsLink>
      </p>
    </Notice>
  );
}
