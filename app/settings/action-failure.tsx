import { Notice } from '#components/notice.tsx';
import type { Failure } from './use-server-action.ts';

/** Shows why a server action failed. Signing in again opens a new tab, so that what was typed here stays. */
export function ActionFailure({ failure }: { failure: Failure | null }) {
  if (!failure) return null;
  return (
    <Notice tone="danger" announce>
      <p>{failure.message}</p>
      {failure.signInAgain && (
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
