import { LocalTime } from '#components/local-time.tsx';

/** Says when a delayed message is sent again. */
export function NextAttempt({ at }: { at: Date }) {
  return (
    <span>
      We’ll try again at <LocalTime at={at} format="time of day" />.
    </span>
  );
}
