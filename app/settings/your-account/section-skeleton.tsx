import { Skeleton, SkeletonBox, SkeletonText } from '#components/skeleton.tsx';

/** A part of a section's card. Its texts are as long as those that come. */
type Part = { title?: string; text: string; hasButton?: boolean };

type SectionSkeletonProps = { title: string; description?: string; parts: Part[]; isPart?: boolean };

/** Stands in for a section of the user's account. */
export function SectionSkeleton({ title, description, parts, isPart = false }: SectionSkeletonProps) {
  return (
    <Skeleton isPart={isPart} className="grid gap-4">
      <div>
        <p className="font-semibold text-xl tracking-tight">
          <SkeletonText>{title}</SkeletonText>
        </p>
        {description && (
          <p className="mt-1 max-w-2xl">
            <SkeletonText>{description}</SkeletonText>
          </p>
        )}
      </div>
      <div className="divide-y divide-line rounded-xl border border-line bg-surface shadow-card">
        {parts.map((part) => (
          <PartSkeleton key={part.text} {...part} />
        ))}
      </div>
    </Skeleton>
  );
}

function PartSkeleton({ title, text, hasButton = false }: Part) {
  return (
    <div className="flex items-start justify-between gap-x-6 gap-y-3 p-5 max-sm:flex-col">
      <div className="min-w-0">
        {title && (
          <p className="mb-0.5 font-semibold text-lg">
            <SkeletonText>{title}</SkeletonText>
          </p>
        )}
        <p>
          <SkeletonText>{text}</SkeletonText>
        </p>
      </div>
      {hasButton && <SkeletonBox className="h-10 w-36 sm:h-9" />}
    </div>
  );
}
