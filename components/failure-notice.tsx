import { Notice } from './notice.tsx';

/** Why something did not come about, read out at once; nothing where there is no failure. */
export function FailureNotice({ failure }: { failure: string | null | undefined }) {
  if (!failure) return null;
  return (
    <Notice tone="danger" announce>
      <p>{failure}</p>
    </Notice>
  );
}
