import { Skeleton, SkeletonLine } from '#components/skeleton.tsx';

/** Stands in for the list of jobs, or for one. */
export function JobsSkeleton() {
  return (
    <Skeleton className="grid gap-3 rounded-lg border border-line bg-surface p-5 shadow-card">
      <SkeletonLine className="w-3/5" />
      <SkeletonLine className="w-2/5" />
      <SkeletonLine className="w-1/2" />
    </Skeleton>
  );
}
