import { Notice } from './notice.tsx';

/** Shows why an action failed and announces it; renders nothing if there is no failure. */
export function FailureNotice({ failure }: { failure: string | null | undefined }) {
  if (!failure) return null;
  return (
    <Notice tone="danger" announce>
      <p>{failure}</p>
    </Notice>
  );
}
