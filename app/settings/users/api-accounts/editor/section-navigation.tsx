'use client';
import type { MouseEvent } from 'react';
import { ACCOUNT_SECTIONS, type AccountSection } from './account-href.ts';

/** Scrolls to a part of the account's page and focuses it. */
export function showSection(id: string): void {
  const section = document.getElementById(id);
  section?.scrollIntoView({ block: 'start' });
  section?.focus({ preventScroll: true });
}

type SectionLinkProps = { id: AccountSection; className: string };

/** Renders a link to a part of an account's page. It adds nothing to the history, so that Back closes a sheet. */
export function SectionLink({ id, className }: SectionLinkProps) {
  function handleClick(event: MouseEvent) {
    event.preventDefault();
    showSection(id);
  }
  return (
    <a href={`#${id}`} onClick={handleClick} className={className}>
      {ACCOUNT_SECTIONS[id]}
    </a>
  );
}

const SECTIONS = Object.keys(ACCOUNT_SECTIONS) as AccountSection[];

/** Renders links to the parts of an account's page. */
export function SectionNavigation() {
  return (
    <nav
      aria-label="Parts of this account"
      // In a sheet, what scrolls has a padding, below which browsers would keep it.
      className="tall:sticky tall:top-0 tall:in-[[role=dialog]]:-top-5 z-10 -mx-5 border-line border-b bg-surface px-5 sm:-mx-6 sm:px-6"
    >
      <ul className="-mx-2 flex flex-wrap">
        {SECTIONS.map((id) => (
          <li key={id}>
            <SectionLink
              id={id}
              className="inline-flex min-h-10 items-center rounded-sm px-2 font-medium text-muted text-sm hover:text-ink"
            />
          </li>
        ))}
      </ul>
    </nav>
  );
}
