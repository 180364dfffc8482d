'use client';
import type { MouseEvent } from 'react';
import { ACCOUNT_SECTIONS } from './account-href.ts';

/** Scrolls to a part of the account's page and focuses it. */
export function showSection(id: string): void {
  const section = document.getElementById(id);
  section?.scrollIntoView({ block: 'start' });
  section?.focus({ preventScroll: true });
}

/** Renders links to the parts of an account's page. They add nothing to the history, so that Back closes a sheet. */
export function SectionNavigation() {
  function handleClick(event: MouseEvent, id: string) {
    event.preventDefault();
    showSection(id);
  }

  return (
    <nav
      aria-label="Parts of this account"
      // In a sheet, what scrolls has a padding, below which browsers would keep it.
      className="tall:sticky tall:top-0 tall:in-[[role=dialog]]:-top-5 z-10 -mx-5 border-line border-b bg-surface px-5 sm:-mx-6 sm:px-6"
    >
      <ul className="-mx-2 flex flex-wrap">
        {Object.entries(ACCOUNT_SECTIONS).map(([id, name]) => (
          <li key={id}>
            <a
              href={`#${id}`}
              onClick={(event) => handleClick(event, id)}
              className="inline-flex min-h-10 items-center rounded-sm px-2 font-medium text-muted text-sm hover:text-ink"
            >
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
