import { Skeleton, SkeletonBox, SkeletonField } from '#components/skeleton.tsx';
import { LIFETIME_DESCRIPTIONS, LIFETIME_LABELS } from './lifetime-labels.ts';

/** Stands in for the form of the expiry policy. */
export function ExpirySkeleton() {
  return (
    <Skeleton className="rounded-lg border border-line bg-surface shadow-card">
      <div className="grid gap-6 p-5">
        <div className="grid gap-4 sm:grid-cols-2 sm:items-start">
          <SkeletonField
            label={LIFETIME_LABELS.defaultDays}
            description={LIFETIME_DESCRIPTIONS.defaultDays}
          />
          <SkeletonField label={LIFETIME_LABELS.maxDays} description={LIFETIME_DESCRIPTIONS.maxDays} />
        </div>
        <SkeletonBox className="h-24 w-full" />
      </div>
      <div className="flex justify-end rounded-b-lg border-line border-t bg-canvas px-5 py-4">
        <SkeletonBox className="h-10 w-20 max-sm:w-full sm:h-9" />
      </div>
    </Skeleton>
  );
}
