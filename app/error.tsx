'use client';
import { Button } from '#components/button.tsx';
import { PublicFrame } from '#components/public-frame.tsx';

/** Replaces a page that failed to render. Most settings pages have an error page of their own. */
export default function ErrorPage() {
  return (
    <PublicFrame
      organisation="Stagedoor"
      title="Something went wrong"
      description="This page couldn’t load. Nothing was changed. If this keeps happening, contact the organisation that gave you access."
    >
      <Button variant="primary" className="w-full" onClick={() => window.location.reload()}>
        Try again
      </Button>
    </PublicFrame>
  );
}
