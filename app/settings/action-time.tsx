import { LocalTime } from '#components/local-time.tsx';

type ActionTimeProps = {
  /** In front of the day, such as "Revoked". */
  verb?: string;
  at: Date;
  /** The name of the user or program; null if it no longer exists. */
  by: string | null;
};

/** Shows the day of an action, and who did it. */
export function ActionTime({ verb, at, by }: ActionTimeProps) {
  return (
    <div className="min-w-0">
      {verb && <span>{`${verb} `}</span>}
      <LocalTime at={at} format="date" />
      <p className="break-words text-sm">
        <span>by </span>
        <bdi>{by ?? 'a former user'}</bdi>
      </p>
    </div>
  );
}
