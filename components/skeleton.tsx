const WIDTHS = ['w-2/5', 'w-3/5', 'w-1/2'];

/** Renders grey bars in place of rows that are loading, so that nothing moves when they arrive. Announces nothing. */
export function Skeleton({ rows }: { rows: number }) {
  return (
    <div aria-hidden="true" className="grid gap-2 motion-safe:animate-pulse">
      {Array.from({ length: rows }, (_, row) => (
        <div key={String(row)} className="flex min-h-10 items-center px-2.5">
          <div className={`h-3.5 rounded-sm bg-line ${WIDTHS[row % WIDTHS.length]}`} />
        </div>
      ))}
    </div>
  );
}
