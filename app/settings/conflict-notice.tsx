'use client';
import { type ReactNode, useEffect, useRef } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';

type ConflictNoticeProps = {
  title: ReactNode;
  /** Shown if the saved values are the original ones again. */
  unchangedMessage: string;
  differences: readonly {
    label: string;
    saved: string;
    /** Null if the form has the saved value. */
    typed: string | null;
  }[];
  /** Puts the saved values into the form; undefined hides the button. */
  onRestoreSaved: (() => void) | undefined;
};

/** Shows what another administrator has saved in the meantime, and lets the user keep either version. */
export function ConflictNotice({
  title,
  unchangedMessage,
  differences,
  onRestoreSaved,
}: ConflictNoticeProps) {
  const box = useRef<HTMLDivElement>(null);
  // Moves the focus off the Save button of the form, so that a second press does not overwrite unread changes.
  useEffect(() => box.current?.focus(), []);
  const isDisputed = differences.some(({ typed }) => typed !== null);
  return (
    <div ref={box} tabIndex={-1} className="rounded-md">
      <Notice tone="warning" announce title={title}>
        {differences.length === 0 && <p>{unchangedMessage}</p>}
        <dl className="grid gap-2">
          {differences.map(({ label, saved, typed }) => (
            <div key={label}>
              <dt className="font-semibold text-sm">{label}</dt>
              <dd className="break-words text-sm">
                Theirs: <bdi className="font-medium">{saved}</bdi>
              </dd>
              <dd className="break-words text-sm">
                {typed === null ? (
                  'We’ve updated your form to match.'
                ) : (
                  <span>
                    Yours: <bdi className="font-medium">{typed}</bdi>
                  </span>
                )}
              </dd>
            </div>
          ))}
        </dl>
        <p className="text-sm">
          {isDisputed ? 'Save again to keep yours.' : 'Check the form, then save again.'}
        </p>
        {onRestoreSaved && (
          <Button size="sm" className="mt-1 justify-self-start" onClick={onRestoreSaved}>
            Keep theirs
          </Button>
        )}
      </Notice>
    </div>
  );
}
