import { LocalTime } from '#components/local-time.tsx';

/** Shows when something was done, and by whom. `name`: null if that is unknown. */
export function TimeAndName({ at, name }: { at: Date; name: string | null }) {
  return (
    <>
      <LocalTime at={at} />
      {name !== null && (
        <span>
          , by <bdi>{name}</bdi>
        </span>
      )}
    </>
  );
}
