'use client';
import { useEffect, useRef } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';
import type { PolicyDifference } from './edit-conflict.ts';

export type PolicyConflict = { changedBy: string | null; differences: PolicyDifference[] };

type PolicyConflictNoticeProps = { conflict: PolicyConflict; onRestoreSaved: () => void };

/** Shows what another administrator has saved in the meantime, and lets the user choose. */
export function PolicyConflictNotice({ conflict, onRestoreSaved }: PolicyConflictNoticeProps) {
  const { changedBy, differences } = conflict;
  const box = useRef<HTMLDivElement>(null);
  // Moves the focus off the button, so that a second press does not overwrite changes that nobody has read.
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} tabIndex={-1} className="rounded-md">
      <Notice
        tone="warning"
        announce
        title={
          <span>
            Not saved: <bdi translate="no">{changedBy ?? 'Somebody'}</bdi> changed these rules after you
            opened them
          </span>
        }
      >
        {differences.length === 0 && <p>They are now as they were when you opened them.</p>}
        <dl className="grid gap-2">
          {differences.map(({ label, saved, typed }) => (
            <div key={label}>
              <dt className="font-semibold text-sm">{label}</dt>
              <dd className="text-sm">
                Saved now: <span className="font-medium">{saved}</span>
              </dd>
              <dd className="text-sm">
                {typed === null ? (
                  'This form now says the same.'
                ) : (
                  <span>
                    In this form: <span className="font-medium">{typed}</span>
                  </span>
                )}
              </dd>
            </div>
          ))}
        </dl>
        <p className="text-sm">Save once more to put this form’s values in place of the saved ones.</p>
        <Button size="sm" className="mt-1 justify-self-start" onClick={onRestoreSaved}>
          Use the saved values
        </Button>
      </Notice>
    </div>
  );
}
