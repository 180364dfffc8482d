'use client';
import { formatTimeAndDay } from '#components/format-time.ts';
import { useTimeZone } from '#components/local-time.tsx';
import { Notice } from '#components/notice.tsx';
import { RichText } from '#components/rich-text.tsx';
import type { OldKeyEnd } from '#lib/key-delivery/reveal/schema.ts';
import type { keyPage } from '#lib/notifications/message-catalogue/en-pages.ts';

type OldKeyNoticeProps = { oldKey: OldKeyEnd; getText: typeof keyPage.oldKey };

/** Says until when the integrator's old key works. It is a warning if the next step ends it. */
export function OldKeyNotice({ oldKey: { endsOn, expiresAt }, getText }: OldKeyNoticeProps) {
  const timeZone = useTimeZone();
  return (
    <Notice tone={endsOn === 'collection' ? 'warning' : 'info'}>
      <p>
        <RichText parts={getText({ endsOn, until: formatTimeAndDay(new Date(expiresAt), timeZone) })} />
      </p>
    </Notice>
  );
}
