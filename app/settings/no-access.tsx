import type { ReactNode } from 'react';
import { Notice } from '#components/notice.tsx';

/**
 * Replaces a page that the user's role may not see.
 * @param children which role is needed, and who can grant it
 */
export function NoAccess({ heading, children }: { heading: ReactNode; children: ReactNode }) {
  return (
    <>
      {heading}
      <Notice tone="warning" title="You don’t have access to this page" className="max-w-2xl">
        <p>{children}</p>
      </Notice>
    </>
  );
}
