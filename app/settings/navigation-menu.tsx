'use client';
import { Menu, X } from 'lucide-react';
import { usePathname } from 'next/navigation';
import { type KeyboardEvent, type MouseEvent, type ReactNode, useRef, useState } from 'react';
import { classNames } from '#components/class-names.ts';
import { useHydrated } from '#components/use-hydrated.ts';

const PANEL_ID = 'navigation-menu';

type NavigationMenuProps = {
  /** Beside the menu button, always visible. */
  action: ReactNode;
  children: ReactNode;
};

/** Shows its children: always on wide screens, after a press on “Menu” on narrow ones. Opening a page closes it. */
export function NavigationMenu({ action, children }: NavigationMenuProps) {
  const path = usePathname();
  const [openedOn, setOpenedOn] = useState<string | null>(null);
  const isOpen = openedOn === path;
  const isHydrated = useHydrated();
  const button = useRef<HTMLButtonElement>(null);

  function closeWithEscape(event: KeyboardEvent) {
    if (event.key !== 'Escape' || !isOpen) return;
    setOpenedOn(null);
    button.current?.focus();
  }
  /** A link to the current page, or one that changes only its query, does not change the path. */
  function closeAfterLink({ target }: MouseEvent) {
    if (target instanceof Element && target.closest('a')) setOpenedOn(null);
  }
  const Icon = isOpen ? X : Menu;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: both events bubble from the button and the links within.
    <div className="contents" onKeyDown={closeWithEscape} onClick={closeAfterLink}>
      <div className="ms-auto flex items-center gap-1.5 lg:ms-0 lg:mt-6 lg:block">
        {action}
        <button
          ref={button}
          type="button"
          aria-expanded={isOpen}
          aria-controls={PANEL_ID}
          disabled={!isHydrated}
          onClick={() => setOpenedOn(isOpen ? null : path)}
          className="flex min-h-10 items-center gap-2 rounded-md px-2.5 font-medium hover:bg-sidebar-raised lg:hidden"
        >
          <Icon aria-hidden="true" className="size-4 shrink-0" />
          <span>Menu</span>
        </button>
      </div>
      <div
        id={PANEL_ID}
        className={classNames(
          'flex w-full flex-col gap-5 lg:mt-6 lg:grow',
          isOpen ? 'max-lg:pt-1 max-lg:pb-2' : 'max-lg:hidden',
        )}
      >
        {children}
      </div>
    </div>
  );
}
