import { Skeleton, SkeletonLine } from '#components/skeleton.tsx';

/** Stands in for the page of an endpoint or of a delivery. */
export function EndpointSkeleton() {
  return (
    <Skeleton className="grid gap-6">
      {['p-5', 'min-h-60 p-5'].map((size) => (
        <div
          key={size}
          className={`grid content-start gap-3 rounded-lg border border-line bg-surface shadow-card ${size}`}
        >
          <div className="text-xl">
            <SkeletonLine className="w-3/5" />
          </div>
          <SkeletonLine className="w-2/5" />
          <SkeletonLine className="w-1/2" />
        </div>
      ))}
    </Skeleton>
  );
}
