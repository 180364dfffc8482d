'use client';
import { type KeyboardEvent, type ReactNode, useId, useState } from 'react';

export type TabsProps = {
  label: string;
  tabs: { name: string; content: ReactNode }[];
  /** Name of the tab that is selected at first. Default: the first tab. */
  initialTab?: string;
};

/** Returns the index of the tab that a key moves to; undefined for other keys. */
function findTarget(key: string, index: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
      return (index + 1) % count;
    case 'ArrowLeft':
      return (index + count - 1) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
  }
}

/** Moves the focus, which selects the tab. */
function moveFocus(event: KeyboardEvent<HTMLElement>) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')];
  const target = findTarget(event.key, buttons.indexOf(event.target as HTMLElement), buttons.length);
  if (target === undefined) return;
  event.preventDefault();
  buttons[target]?.focus();
}

/**
 * Shows one of a few panels; the arrow keys switch between tabs (WAI-ARIA Authoring Practices, "Tabs").
 * Uses no library, so that the page with the key stays small.
 */
export function Tabs({ label, tabs, initialTab = tabs[0]?.name }: TabsProps) {
  const id = useId();
  const [selected, setSelected] = useState(initialTab);
  return (
    <div>
      <div
        role="tablist"
        aria-label={label}
        onKeyDown={moveFocus}
        className="inline-flex flex-wrap gap-1 rounded-md border border-line bg-sunken p-0.5"
      >
        {tabs.map(({ name }, index) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-tab-${index}`}
            aria-selected={name === selected}
            aria-controls={name === selected ? `${id}-panel` : undefined}
            tabIndex={name === selected ? 0 : -1}
            onClick={() => setSelected(name)}
            onFocus={() => setSelected(name)}
            className="min-h-9 rounded-sm px-3 font-medium text-muted text-sm hover:text-ink aria-selected:bg-surface aria-selected:text-ink aria-selected:shadow-button aria-selected:inset-ring aria-selected:inset-ring-edge/40 sm:min-h-7"
          >
            {name}
          </button>
        ))}
      </div>
      {tabs.map(
        ({ name, content }, index) =>
          name === selected && (
            // No tab stop, because nearly every panel contains a control.
            <div
              key={name}
              role="tabpanel"
              id={`${id}-panel`}
              aria-labelledby={`${id}-tab-${index}`}
              className="mt-3"
            >
              {content}
            </div>
          ),
      )}
    </div>
  );
}
