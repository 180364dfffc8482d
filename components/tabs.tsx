'use client';
import { Tabs as Base } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';

export type TabsProps = {
  label: string;
  tabs: { name: string; content: ReactNode }[];
  /** Name of the tab that is selected at first. Default: the first tab. */
  initialTab?: string;
};

/** Shows one of a few panels; the arrow keys switch between tabs. */
export function Tabs({ label, tabs, initialTab = tabs[0]?.name }: TabsProps) {
  return (
    <Base.Root defaultValue={initialTab}>
      <Base.List
        aria-label={label}
        activateOnFocus
        className="inline-flex flex-wrap gap-1 rounded-md border border-line bg-sunken p-0.5"
      >
        {tabs.map(({ name }) => (
          <Base.Tab
            key={name}
            value={name}
            className="min-h-9 rounded-sm px-3 font-medium text-muted text-sm hover:text-ink data-active:bg-surface data-active:text-ink data-active:shadow-button data-active:inset-ring data-active:inset-ring-edge/40 sm:min-h-7"
          >
            {name}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map(({ name, content }) => (
        // Not a tab stop of its own, because nearly every panel contains a control.
        <Base.Panel key={name} value={name} tabIndex={-1} className="mt-3 outline-none">
          {content}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
