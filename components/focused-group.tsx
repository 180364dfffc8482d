'use client';
import { type ReactNode, useEffect, useRef } from 'react';

/**
 * Focuses its content when it appears, because the element that had the focus was removed. Screen readers announce the
 * label and continue from here.
 */
export function FocusedGroup({ label, children }: { label: string; children: ReactNode }) {
  const group = useRef<HTMLDivElement>(null);
  useEffect(() => group.current?.focus(), []);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset needs fields.
    <div ref={group} tabIndex={-1} role="group" aria-label={label} className="grid gap-4 outline-none">
      {children}
    </div>
  );
}
