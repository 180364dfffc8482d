'use client';
import { CommandDialog } from '#components/command-dialog.tsx';
import { leavePage } from '../use-unsaved-changes.ts';
import type { CommandPaletteProps } from './command-palette.tsx';
import { buildPaletteGroups } from './search.ts';
import { useSearch } from './use-search.ts';

type PaletteDialogProps = CommandPaletteProps & {
  isOpen: boolean;
  setIsOpen: (isOpen: boolean) => void;
  typed: string;
  setTyped: (typed: string) => void;
  openPage: (href: string) => void;
};

/** Searches pages, API accounts and users, and opens what is chosen. */
export function PaletteDialog(props: PaletteDialogProps) {
  const { isOpen, setIsOpen, typed, setTyped, openPage, pages, canSearch, canEdit } = props;
  const { results, failure, isSearching } = useSearch(typed, isOpen && canSearch);
  return (
    <CommandDialog
      open={isOpen}
      onOpenChange={setIsOpen}
      title="Jump to"
      inputLabel={canSearch ? 'Search API accounts, users and pages' : 'Search pages'}
      value={typed}
      onValueChange={setTyped}
      groups={buildPaletteGroups(typed, { pages, results, canEdit })}
      isLoading={isSearching}
      failure={failure}
      onSelect={({ href }) => {
        setIsOpen(false);
        leavePage(() => openPage(href));
      }}
    />
  );
}
