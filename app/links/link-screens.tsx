'use client';
import { Button } from '#components/button.tsx';
import { classNames } from '#components/class-names.ts';
import { Notice } from '#components/notice.tsx';
import { PublicFrame } from '#components/public-frame.tsx';

type LinkScreenProps = { organisation: string; title: string };

/** While a link is looked up. `heights`: of what follows, as classes, so that nothing jumps. */
export function Opening({ heights, ...frame }: LinkScreenProps & { heights: readonly string[] }) {
  return (
    <PublicFrame {...frame} description="Opening your link…">
      <div aria-hidden="true" className="grid gap-4 motion-safe:animate-pulse">
        {heights.map((height, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they never change places.
          <div key={place} className={classNames('rounded-md bg-sunken', height)} />
        ))}
      </div>
      <noscript>
        <p className="mt-4">
          This page needs JavaScript. Switch it on for this page, then open the link again.
        </p>
      </noscript>
    </PublicFrame>
  );
}

/** The server did not say what stands behind a link. */
export function LinkUnreachable({
  message,
  onTryAgain,
  ...frame
}: LinkScreenProps & { message: string; onTryAgain: () => void }) {
  return (
    <PublicFrame {...frame}>
      <Notice tone="warning" announce>
        <p>{message}</p>
      </Notice>
      <Button variant="primary" onClick={onTryAgain} className="mt-4 w-full">
        Try again
      </Button>
    </PublicFrame>
  );
}
