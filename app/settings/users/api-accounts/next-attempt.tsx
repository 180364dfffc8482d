import { LocalTime } from '#components/local-time.tsx';

/** Shows when sending a delayed message is tried again. */
export function NextAttempt({ at }: { at: Date }) {
  return (
    <span>
      We’ll try again at <LocalTime at={at} format="time of day" />.
    </span>
  );
}
