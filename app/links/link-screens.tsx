'use client';
import type { ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';
import { PublicFrame } from '#components/public-frame.tsx';
import { Skeleton, SkeletonShapes, SkeletonText } from '#components/skeleton.tsx';
import { STAGEDOOR_UPDATED, UpdateNotice } from '#components/update-notice.tsx';
import { links } from '#lib/notifications/message-catalogue/en-links.ts';

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
      <Skeleton label={links.loading} className="grid gap-4">
        {children}
      </Skeleton>
      <noscript>
        <p className="mt-4">{links.needsJavaScript}</p>
      </noscript>
    </PublicFrame>
  );
}

/** Asks the reader to copy all of a link, of which the address bar has only a part. */
export function LinkIncomplete({ organisation }: Pick<LinkScreenProps, 'organisation'>) {
  return (
    <PublicFrame organisation={organisation} title={links.incomplete}>
      <p>{links.incompleteAdvice}</p>
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
        {links.tryAgain}
      </Button>
    </PublicFrame>
  );
}
