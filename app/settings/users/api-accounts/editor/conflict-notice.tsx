'use client';
import { useEffect, useRef } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';
import { type Difference, FIELD_LABELS } from './edit-conflict.ts';

export type Conflict = { changedBy: string | null; differences: Difference[] };

type ConflictNoticeProps = { conflict: Conflict; onRestoreSaved: () => void };

/** Shows what another administrator has saved in the meantime, and lets the user choose. */
export function ConflictNotice({ conflict, onRestoreSaved }: ConflictNoticeProps) {
  const { changedBy, differences } = conflict;
  const box = useRef<HTMLDivElement>(null);
  // Moves the focus off the button, so that a second press does not overwrite changes that nobody has read.
  useEffect(() => box.current?.focus(), []);
  const isDisputed = differences.some(({ typed }) => typed !== null);
  return (
    <div ref={box} tabIndex={-1} className="rounded-md">
      <Notice
        tone="warning"
        announce
        title={
          <span>
            Not saved: <bdi translate="no">{changedBy ?? 'Somebody'}</bdi> changed this account after you
            opened it
          </span>
        }
      >
        {differences.length === 0 && <p>It is now as it was when you opened it.</p>}
        <dl className="grid gap-2">
          {differences.map(({ field, saved, typed }) => (
            <div key={field}>
              <dt className="font-semibold text-sm">{FIELD_LABELS[field]}</dt>
              <dd className="break-words text-sm">
                Saved now: <bdi className="font-medium">{saved}</bdi>
              </dd>
              <dd className="break-words text-sm">
                {typed === null ? (
                  'This form now says the same.'
                ) : (
                  <span>
                    In this form: <bdi className="font-medium">{typed}</bdi>
                  </span>
                )}
              </dd>
            </div>
          ))}
        </dl>
        <p className="text-sm">Save once more to put this form’s values in place of the saved ones.</p>
        {isDisputed && (
          <Button size="sm" className="mt-1 justify-self-start" onClick={onRestoreSaved}>
            Use the saved values
          </Button>
        )}
      </Notice>
    </div>
  );
}
