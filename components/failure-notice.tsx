import { Notice } from './notice.tsx';
import { STAGEDOOR_UPDATED, UpdateNotice } from './update-notice.tsx';

/**
 * Shows why an action failed and announces it; renders nothing if there is no failure. If the server was updated, also
 * shows a button that reloads the page.
 */
export function FailureNotice({ failure }: { failure: string | null | undefined }) {
  if (!failure) return null;
  if (failure === STAGEDOOR_UPDATED) return <UpdateNotice />;
  return (
    <Notice tone="danger" announce>
      <p>{failure}</p>
    </Notice>
  );
}
