'use client';
import { useEffect, useRef } from 'react';
import { links } from '#lib/notifications/message-catalogue/en-links.ts';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

/** Shown if the server no longer knows the actions of this page. */
export const STAGEDOOR_UPDATED = links.updated;

/**
 * Asks to reload the page, because the server was updated. Drafts (`useDraft`) survive that, secrets do not.
 * @param changed says what an earlier action changed or may have changed; null if it changed nothing
 */
export function UpdateNotice({ changed = null }: { changed?: string | null }) {
  const box = useRef<HTMLDivElement>(null);
  // Scrolls to the notice, which may be below the window's edge in a dialog on a phone.
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} tabIndex={-1} className="rounded-md">
      <Notice tone="warning" announce title={STAGEDOOR_UPDATED}>
        <p>{`${changed ?? 'Nothing was changed.'} What you’ve typed will still be here, except passwords and codes.`}</p>
        <Button size="sm" className="mt-1 justify-self-start" onClick={() => window.location.reload()}>
          Reload this page
        </Button>
      </Notice>
    </div>
  );
}
