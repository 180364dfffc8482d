import { Notice } from '#components/notice.tsx';
import type { Failure } from './use-server-action.ts';

/** Says in the dialog why nothing came of an act. Signing in again happens elsewhere, so that nothing typed is lost. */
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
            Sign in in a new tab
          </a>
        </p>
      )}
    </Notice>
  );
}
