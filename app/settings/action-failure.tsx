import { Notice } from '#components/notice.tsx';
import { UpdateNotice } from '#components/update-notice.tsx';
import type { Failure } from './use-server-action.ts';

/** Shows why a server action failed. The sign-in link opens a new tab, so that typed text on this page is not lost. */
export function ActionFailure({ failure }: { failure: Failure | null }) {
  if (!failure) return null;
  if (failure.isOutdated) return <UpdateNotice />;
  return (
    <Notice tone="danger" announce>
      <p>{failure.message}</p>
      {failure.needsSignIn && (
        <p>
          <a
            href="/sign-in"
            target="_blank"
            rel="noreferrer"
            className="font-medium underline underline-offset-2"
          >
            Sign in (opens a new tab)
          </a>
        </p>
      )}
    </Notice>
  );
}
