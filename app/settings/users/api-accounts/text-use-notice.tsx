import { Notice } from '#components/notice.tsx';
import { type SmsUsage, TEXT_MESSAGES_PLACE } from '#lib/notifications/sms/schema.ts';
import { levelOf } from '#lib/notifications/sms/status.ts';
import { consequenceInWords, usedInWords } from '../../text-messages/use-words.ts';
import { WithTextMessagesLink } from '../../text-messages-link.tsx';

/** Warns administrators above their list when today's texts are nearly, or all, used. */
export function TextUseNotice({ use }: { use: SmsUsage }) {
  const level = levelOf(use);
  if (level === 'fine') return null;
  return (
    <Notice tone={level === 'near' ? 'warning' : 'danger'} title={usedInWords(use)} className="mb-5">
      <p>
        {consequenceInWords(use)}{' '}
        <WithTextMessagesLink>{`Look or change it under ${TEXT_MESSAGES_PLACE}.`}</WithTextMessagesLink>
      </p>
    </Notice>
  );
}
