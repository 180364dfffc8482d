'use client';
import { type ReactNode, useEffect, useRef } from 'react';
import { TableRow } from '#components/table.tsx';

/** Highlights the row of the account that was just created, and scrolls to it. */
export function CreatedRow({ children }: { children: ReactNode }) {
  const row = useRef<HTMLTableRowElement>(null);
  // Newer browsers return a promise, which React would call as the effect's cleanup.
  useEffect(() => void row.current?.scrollIntoView({ block: 'nearest' }), []);
  return (
    <TableRow ref={row} className="scroll-mt-4 scroll-mb-36 bg-info-soft inset-ring inset-ring-info-line">
      {children}
    </TableRow>
  );
}
