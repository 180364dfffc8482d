'use client';
import { useEffect, useRef } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';
import { type Difference, FIELD_LABELS } from './edit-conflict.ts';

export type Conflict = { changedBy: string | null; differences: Difference[] };

/** Tells the second editor who was faster and what they saved, and lets them choose. */
export function ConflictNotice({ conflict, onTakeSaved }: { conflict: Conflict; onTakeSaved: () => void }) {
  const { changedBy, differences } = conflict;
  const box = useRef<HTMLDivElement>(null);
  // Takes the keyboard from the button, so that a second, hasty press does not save over what nobody has read.
  useEffect(() => box.current?.focus(), []);
  const disputed = differences.some(({ typed }) => typed !== null);
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
        {disputed && (
          <Button size="sm" className="mt-1 justify-self-start" onClick={onTakeSaved}>
            Use the saved values
          </Button>
        )}
      </Notice>
    </div>
  );
}
