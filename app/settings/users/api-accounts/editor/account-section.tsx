import { type ReactNode, useId } from 'react';
import { ACCOUNT_SECTIONS, type AccountSection as SectionId } from './account-href.ts';

/** Renders a part of an account's page with its heading. */
export function AccountSection({ id, children }: { id: SectionId; children: ReactNode }) {
  const headingId = useId();
  return (
    <section
      id={id}
      tabIndex={-1}
      aria-labelledby={headingId}
      className="scroll-mt-4 tall:scroll-mt-16 outline-none"
    >
      <h3 id={headingId} className="mb-3 font-semibold text-lg tracking-tight">
        {ACCOUNT_SECTIONS[id]}
      </h3>
      {children}
    </section>
  );
}
