import { LocalTime } from '#components/local-time.tsx';
import type { OldKeyEnd } from '#lib/key-delivery/reveal/schema.ts';

const EARLIER_ENDS = {
  collection: 'until they collect the new one, and until ',
  first_use: 'until the new one is first used, and until ',
};

/** Continues "The old key works": until when it does. */
export function OldKeyEndTime({ endsOn, expiresAt }: OldKeyEnd) {
  return (
    <>
      <span>{endsOn ? EARLIER_ENDS[endsOn] : 'until '}</span>
      <LocalTime at={new Date(expiresAt)} format="time and day" />
      <span>{endsOn ? ' at the latest' : ''}</span>
    </>
  );
}
