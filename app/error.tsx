'use client';
import { useState } from 'react';
import { Button } from '#components/button.tsx';
import { PublicFrame } from '#components/public-frame.tsx';
import { describeLatestAction } from './latest-action.ts';
import { isOutdated } from './request-errors.ts';

/**
 * Replaces a page that failed to render. Most settings pages have an error page of their own.
 * Does not promise that nothing was changed: the page may have failed while it showed the result of an action.
 */
export default function ErrorPage({ error }: { error: Error }) {
  const [actionResult] = useState(() => describeLatestAction());
  const isUpdated = isOutdated(error);
  return (
    <PublicFrame
      organisation="Stagedoor"
      title={isUpdated ? 'Stagedoor was updated' : 'Something went wrong'}
      description={
        isUpdated
          ? 'Reload this page.'
          : 'This page couldn’t be shown. If this keeps happening, contact the organisation that gave you access.'
      }
    >
      {actionResult && <p className="mb-4">{actionResult}</p>}
      <Button variant="primary" className="w-full" onClick={() => window.location.reload()}>
        {isUpdated ? 'Reload this page' : 'Try again'}
      </Button>
    </PublicFrame>
  );
}
