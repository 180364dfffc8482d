'use client';
import { Button } from '#components/button.tsx';
import { classNames } from '#components/class-names.ts';
import { Notice } from '#components/notice.tsx';
import { PublicFrame } from '#components/public-frame.tsx';
import { STAGEDOOR_UPDATED, UpdateNotice } from '#components/update-notice.tsx';
import { en } from '#lib/notifications/message-catalogue/en.ts';

type LinkScreenProps = { organisation: string; title: string };

/** Shows one placeholder for each of the `heightClasses`, which match the next screen to avoid a layout shift. */
export function LinkLoading({
  heightClasses,
  ...frame
}: LinkScreenProps & { heightClasses: readonly string[] }) {
  return (
    <PublicFrame {...frame} description={en.links.loading}>
      <div aria-hidden="true" className="grid gap-4 motion-safe:animate-pulse">
        {heightClasses.map((heightClass, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the order never changes.
          <div key={index} className={classNames('rounded-md bg-sunken', heightClass)} />
        ))}
      </div>
      <noscript>
        <p className="mt-4">{en.links.needsJavaScript}</p>
      </noscript>
    </PublicFrame>
  );
}

/** Asks the reader to copy all of a link, of which the address bar has only a part. */
export function LinkIncomplete({ organisation }: Pick<LinkScreenProps, 'organisation'>) {
  return (
    <PublicFrame organisation={organisation} title={en.links.incomplete}>
      <p>{en.links.incompleteAdvice}</p>
    </PublicFrame>
  );
}

/** Shows why a link could not be opened, with a button that tries again. */
export function LinkError({
  message,
  onTryAgain,
  ...frame
}: LinkScreenProps & { message: string; onTryAgain: () => void }) {
  if (message === STAGEDOOR_UPDATED) {
    return (
      <PublicFrame {...frame}>
        <UpdateNotice />
      </PublicFrame>
    );
  }
  return (
    <PublicFrame {...frame}>
      <Notice tone="warning" announce>
        <p>{message}</p>
      </Notice>
      <Button variant="primary" onClick={onTryAgain} className="mt-4 w-full">
        {en.links.tryAgain}
      </Button>
    </PublicFrame>
  );
}
