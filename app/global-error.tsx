'use client';
import { Button } from '#components/button.tsx';
import { PublicFrame } from '#components/public-frame.tsx';
import './globals.css';

/** Replaces the whole document if the root layout fails. */
export default function GlobalErrorPage() {
  return (
    <html lang="en-GB">
      <body>
        <title>Something went wrong · Stagedoor</title>
        <PublicFrame
          organisation="Stagedoor"
          title="Something went wrong"
          description="The page could not be made. Nothing was changed by this. If it happens again, tell whoever looks after Stagedoor; the reason is in its log."
        >
          <Button variant="primary" className="w-full" onClick={() => window.location.reload()}>
            Try again
          </Button>
        </PublicFrame>
      </body>
    </html>
  );
}
