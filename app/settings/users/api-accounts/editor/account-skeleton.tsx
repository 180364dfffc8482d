const BLOCKS = ['h-7 w-56', 'h-4 w-72', 'h-4 w-64', 'h-9 w-full', 'h-9 w-full', 'h-9 w-full', 'h-24 w-full'];

/** Stands in for an account while it loads. */
export function AccountSkeleton() {
  return (
    <div className="grid gap-5 p-5 sm:p-6">
      <p role="status" className="sr-only">
        Loading…
      </p>
      {BLOCKS.map((sizes, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the blocks never change.
        <div key={index} className={`max-w-full rounded-md bg-sunken motion-safe:animate-pulse ${sizes}`} />
      ))}
    </div>
  );
}
