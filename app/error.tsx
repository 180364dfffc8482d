'use client';
import { Button } from '#components/button.tsx';
import { PublicFrame } from '#components/public-frame.tsx';

/** Replaces a page outside the settings that failed to render. */
export default function ErrorPage() {
  return (
    <PublicFrame
      organisation="Stagedoor"
      title="Something went wrong"
      description="This page couldn’t load. Nothing was changed. If it keeps happening, contact the person who runs Stagedoor for you."
    >
      <Button variant="primary" className="w-full" onClick={() => window.location.reload()}>
        Try again
      </Button>
    </PublicFrame>
  );
}
