import { classNames } from '#components/class-names.ts';
import { Skeleton, SkeletonBox, SkeletonField, SkeletonLine } from '#components/skeleton.tsx';
import {
  ALONE_CLASS,
  CONTENT_CLASS,
  FIELD_DESCRIPTIONS,
  FOOTER_CLASS,
  SHEET_CLASS,
  STICKY_FOOTER_CLASS,
} from './account-layout.ts';

const FACT_WIDTHS = ['w-56', 'w-40', 'w-64', 'w-72'];

/** Stands in for an account while it loads: its header, and as many fields as the window shows at first. */
export function AccountSkeleton({ isSheet = false }: { isSheet?: boolean }) {
  return (
    <div className={classNames('flex flex-col', isSheet ? SHEET_CLASS.frame : ALONE_CLASS)}>
      <div
        className={classNames(
          CONTENT_CLASS,
          isSheet && SHEET_CLASS.content,
          isSheet && 'tall:overflow-hidden',
        )}
      >
        <Skeleton className="grid gap-6">
          <Header />
          <SkeletonLine className="w-52" />
          <div className="-mx-5 flex min-h-10 items-center gap-4 border-line border-b px-5 sm:-mx-6 sm:px-6">
            <SkeletonLine className="w-64" />
          </div>
          <div>
            <div className="mb-3 text-lg">
              <SkeletonLine className="w-20" />
            </div>
            <div className="grid gap-4">
              <div className="grid items-start gap-4 sm:grid-cols-2">
                <SkeletonField label="Username" description={FIELD_DESCRIPTIONS.username} />
                <SkeletonField label="Display name" description={FIELD_DESCRIPTIONS.displayName} />
              </div>
              <SkeletonField label="Email address" />
              <SkeletonField label="Phone number" />
              <SkeletonField label="Notes" />
            </div>
          </div>
        </Skeleton>
      </div>
      <div aria-hidden="true" className={classNames(FOOTER_CLASS, !isSheet && STICKY_FOOTER_CLASS)}>
        <div className="flex justify-end gap-2.5">
          <SkeletonBox className="h-10 w-20 sm:h-9" />
          <SkeletonBox className="h-10 w-18 sm:h-9" />
        </div>
      </div>
    </div>
  );
}

function Header() {
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="grid min-w-0 gap-1.5">
          <div className="text-xl">
            <SkeletonLine className="w-44" />
          </div>
          <SkeletonBox className="h-6 w-20 rounded-full" />
        </div>
        <SkeletonBox />
      </div>
      <div className="grid gap-y-0.5 text-sm">
        {FACT_WIDTHS.map((width) => (
          <div key={width} className="max-sm:mb-1">
            <SkeletonLine className={width} />
            <div className="sm:hidden">
              <SkeletonLine className="w-32" />
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}
