import { Skeleton, SkeletonBox, SkeletonField, SkeletonText } from '#components/skeleton.tsx';
import { LIMIT_LABELS } from './usage-labels.ts';

const CARD_CLASS = 'rounded-lg border border-line bg-surface shadow-card';

/** Texts as long as those that come. */
const TEXTS = {
  today: 'Today',
  usage: '12 of 500 texts used today. 488 left today. After that, no texts are sent until 00:00 UTC.',
  limits: 'Daily limits',
  perDay: 'No more texts are sent after this. We’ll warn you at 80%. Resets at 00:00 UTC.',
  perAccount: 'A company can trigger up to 4 texts per link.',
  countries: 'Countries you can text',
  advice:
    'Only turn on countries where the companies that use your API are. Fraudsters trigger texts to overseas numbers to make money.',
  selected: 'Selected: United Kingdom only.',
  blocked: 'Texts blocked in the last 30 days',
};

/** Stands in for today's usage, the settings and the blocked texts. */
export function TextMessagesSkeleton() {
  return (
    <Skeleton className="grid gap-6">
      <div className={`${CARD_CLASS} p-5`}>
        <Heading>{TEXTS.today}</Heading>
        <div className="mt-3 grid gap-3">
          <SkeletonBox className="h-3 w-full" />
          <p>
            <SkeletonText>{TEXTS.usage}</SkeletonText>
          </p>
        </div>
      </div>
      <div className={CARD_CLASS}>
        <div className="grid gap-6 p-5">
          <div>
            <Heading>{TEXTS.limits}</Heading>
            <div className="mt-3 grid gap-4 sm:grid-cols-2 sm:items-start">
              <SkeletonField label={LIMIT_LABELS.perDay} description={TEXTS.perDay} />
              <SkeletonField label={LIMIT_LABELS.perAccountPerDay} description={TEXTS.perAccount} />
            </div>
          </div>
          <div>
            <Heading>{TEXTS.countries}</Heading>
            <p className="mt-1 max-w-2xl">
              <SkeletonText>{TEXTS.advice}</SkeletonText>
            </p>
            <SkeletonBox className="mt-3 h-10 w-full sm:max-w-sm" />
            <p className="mt-2 text-sm">
              <SkeletonText>{TEXTS.selected}</SkeletonText>
            </p>
            <SkeletonBox className="mt-3 h-80 w-full" />
          </div>
        </div>
        <div className="flex justify-end rounded-b-lg border-line border-t bg-canvas px-5 py-4">
          <SkeletonBox className="h-10 w-20 max-sm:w-full sm:h-9" />
        </div>
      </div>
      <div className={`${CARD_CLASS} px-5 pt-5 pb-3`}>
        <Heading>{TEXTS.blocked}</Heading>
        <p className="mt-0.5">
          <SkeletonText>None.</SkeletonText>
        </p>
      </div>
    </Skeleton>
  );
}

function Heading({ children }: { children: string }) {
  return (
    <p className="font-semibold text-xl tracking-tight">
      <SkeletonText>{children}</SkeletonText>
    </p>
  );
}
