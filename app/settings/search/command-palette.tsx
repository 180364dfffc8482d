'use client';
import { Search } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useEffectEvent, useState } from 'react';
import { LazyDialog, loadOnce, preloadOnIntent } from '#components/lazy-dialog.tsx';
import { useHydrated } from '#components/use-hydrated.ts';
import type { SettingsPage } from '../settings-pages.ts';
import { API_ACCOUNTS_PATH } from '../users/api-accounts/list/accounts-query.ts';
import { isPaletteShortcut } from './palette-shortcut.ts';

const loadDialog = loadOnce(async () => (await import('./palette-dialog.tsx')).PaletteDialog);

export type CommandPaletteProps = {
  /** The pages that the user may open. */
  pages: SettingsPage[];
  /** Whether the user may view API accounts and users. */
  canSearch: boolean;
  /** Whether an account opens in its editor. */
  canEdit: boolean;
};

const isAccountPage = (path: string) => path.startsWith(`${API_ACCOUNTS_PATH}/`);

const isApple = () => /Mac|iPhone|iPad/.test(navigator.platform);

/** Calls `onPress` for the shortcut, except in a dialog, whose typed text would be lost. */
function usePaletteShortcut(onPress: () => void) {
  const handleKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (!isPaletteShortcut(event, isApple())) return;
    event.preventDefault();
    if (!document.querySelector('[role=dialog], [role=alertdialog]')) onPress();
  });
  useEffect(() => {
    document.addEventListener('keydown', handleKeyDown);
    return () => document.removeEventListener('keydown', handleKeyDown);
  }, []);
}

/** Renders the button of the command palette, and the palette, which opens pages, API accounts and users. */
export function CommandPalette({ pages, canSearch, canEdit }: CommandPaletteProps) {
  const [isOpen, setIsOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const router = useRouter();
  const isHydrated = useHydrated();
  const isAppleShortcut = isHydrated && isApple();

  function open() {
    setTyped('');
    setIsOpen(true);
  }
  usePaletteShortcut(open);

  /** From an account that stands alone, loads another one: Next.js would show it in a sheet over the first. */
  function openPage(href: string) {
    if (isAccountPage(href) && isAccountPage(window.location.pathname)) window.location.assign(href);
    else router.push(href);
  }

  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-keyshortcuts={isAppleShortcut ? 'Meta+K' : 'Control+K'}
        disabled={!isHydrated}
        onClick={open}
        {...preloadOnIntent(loadDialog)}
        className="flex min-h-10 items-center gap-2.5 rounded-md px-2.5 text-sidebar-muted hover:bg-sidebar-raised lg:min-h-9 lg:w-full lg:border lg:border-sidebar-line"
      >
        <Search aria-hidden="true" className="size-4 shrink-0" />
        <span className="max-sm:sr-only">Jump to…</span>
        <span aria-hidden="true" className="ms-auto text-xs max-lg:hidden">
          {isAppleShortcut ? '⌘K' : 'Ctrl K'}
        </span>
      </button>
      <LazyDialog
        load={loadDialog}
        isOpen={isOpen}
        onCancel={() => setIsOpen(false)}
        props={{ isOpen, setIsOpen, typed, setTyped, openPage, pages, canSearch, canEdit }}
      />
    </>
  );
}
