'use client';
import type { ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';
import { PublicFrame } from '#components/public-frame.tsx';
import { Skeleton, SkeletonShapes, SkeletonText } from '#components/skeleton.tsx';
import { STAGEDOOR_UPDATED, UpdateNotice } from '#components/update-notice.tsx';
import { en } from '#lib/notifications/message-catalogue/en.ts';

type LinkScreenProps = { organisation: string; title: string };

type LinkLoadingProps = LinkScreenProps & {
  /** What the next screen says below its title. */
  description: string;
  /** The shapes of its form. */
  children: ReactNode;
};

/** Stands in for the next screen while the link is opened. */
export function LinkLoading({ description, children, ...frame }: LinkLoadingProps) {
  return (
    <PublicFrame
      {...frame}
      description={
        <SkeletonShapes>
          <SkeletonText>{description}</SkeletonText>
        </SkeletonShapes>
      }
    >
      <Skeleton label={en.links.loading} className="grid gap-4">
        {children}
      </Skeleton>
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
