'use client';
import { Button } from '#components/button.tsx';
import { PublicFrame } from '#components/public-frame.tsx';

/** Replaces a page outside the settings that failed to render. */
export default function ErrorPage() {
  return (
    <PublicFrame
      organisation="Stagedoor"
      title="Something went wrong"
      description="The page could not be made. Nothing was changed by this. If it happens again, tell whoever looks after Stagedoor; the reason is in its log."
    >
      <Button variant="primary" className="w-full" onClick={() => window.location.reload()}>
        Try again
      </Button>
    </PublicFrame>
  );
}
