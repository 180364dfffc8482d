'use client';
import { Autocomplete } from '@base-ui/react/autocomplete';
import { Dialog } from '@base-ui/react/dialog';
import { Search, X } from 'lucide-react';
import { buttonClass } from './button-class.ts';
import { SkeletonRows, SkeletonShapes } from './skeleton.tsx';

export type CommandItem = {
  href: string;
  label: string;
  /** Shown beside the label, such as an email address. */
  detail?: string;
  /** The label is a name, which must not be translated. */
  isName?: boolean;
};
export type CommandGroup = { label: string; items: CommandItem[] };

type CommandDialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Names the dialog for screen readers. */
  title: string;
  inputLabel: string;
  value: string;
  onValueChange: (value: string) => void;
  /** What to show: already filtered. */
  groups: CommandGroup[];
  /** Whether more results may arrive. */
  isLoading: boolean;
  /** Why there may be fewer results than there should be; otherwise null. */
  failure: string | null;
  onSelect: (item: CommandItem) => void;
};

/**
 * Renders a search field with a list of commands. The arrow keys highlight a command while the field keeps the focus;
 * Enter runs it.
 */
export function CommandDialog({ open, onOpenChange, title, onSelect, ...search }: CommandDialogProps) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-backdrop" />
        <Dialog.Viewport className="fixed inset-0 z-40 flex items-start justify-center p-3 sm:p-6 sm:pt-[12vh]">
          <Dialog.Popup
            aria-label={title}
            className="popup-motion flex max-h-full w-full max-w-xl flex-col overflow-hidden rounded-xl bg-surface text-ink shadow-popup outline-none"
          >
            <CommandList {...search} onSelect={onSelect} />
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

type CommandListProps = Omit<CommandDialogProps, 'open' | 'onOpenChange' | 'title'>;

function CommandList({
  inputLabel,
  value,
  onValueChange,
  groups,
  isLoading,
  failure,
  onSelect,
}: CommandListProps) {
  return (
    <Autocomplete.Root
      open
      inline
      items={groups}
      filter={null}
      autoHighlight="always"
      keepHighlight
      itemToStringValue={({ label }: CommandItem) => label}
      value={value}
      onValueChange={(text, { reason }) => {
        // Base UI also puts the label of a chosen command into the field.
        if (reason !== 'item-press') onValueChange(text);
      }}
    >
      <div className="flex items-center gap-2.5 border-line border-b px-4">
        <Search aria-hidden="true" className="size-4 shrink-0 text-muted" />
        <Autocomplete.Input
          aria-label={inputLabel}
          placeholder={`${inputLabel}…`}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          className="min-h-12 w-full min-w-0 text-ellipsis bg-transparent text-lg outline-none placeholder:text-muted"
        />
        <Dialog.Close aria-label="Close" className={buttonClass('quiet', 'sm', '-me-2 w-9 px-0 sm:w-8')}>
          <X aria-hidden="true" />
        </Dialog.Close>
      </div>
      <div className="min-h-0 overflow-y-auto overscroll-contain">
        <Autocomplete.Status className="px-4 text-sm">
          {failure && <p className="pt-3 text-danger">{failure}</p>}
          {isLoading && <span className="sr-only">Searching…</span>}
        </Autocomplete.Status>
        {isLoading && groups.length === 0 && (
          <SkeletonShapes className="p-2">
            <SkeletonRows rows={3} />
          </SkeletonShapes>
        )}
        <Autocomplete.Empty className="px-4 text-muted">
          {!isLoading && !failure && (
            <p className="py-6">Nothing found. Check the spelling, or try part of the name.</p>
          )}
        </Autocomplete.Empty>
        <CommandGroups label={inputLabel} onSelect={onSelect} />
      </div>
    </Autocomplete.Root>
  );
}

type CommandGroupsProps = { label: string; onSelect: (item: CommandItem) => void };

/** Renders the groups that `Autocomplete.Root` has got. */
function CommandGroups({ label, onSelect }: CommandGroupsProps) {
  return (
    <Autocomplete.List aria-label={label} className="scroll-py-2 not-empty:p-2">
      {(group: CommandGroup) => (
        <Autocomplete.Group key={group.label} items={group.items}>
          <Autocomplete.GroupLabel className="px-2.5 pt-2 pb-1 text-muted text-xs">
            {group.label}
          </Autocomplete.GroupLabel>
          <Autocomplete.Collection>
            {(item: CommandItem) => (
              <Autocomplete.Item
                key={item.href}
                value={item}
                onClick={() => onSelect(item)}
                className="flex min-h-10 scroll-my-2 cursor-pointer flex-wrap items-baseline gap-x-3 rounded-md px-2.5 py-2 data-highlighted:bg-sunken"
              >
                <bdi translate={item.isName ? 'no' : undefined} className="min-w-0 break-words font-medium">
                  {item.label}
                </bdi>
                {item.detail && (
                  <bdi translate="no" className="min-w-0 break-words text-muted text-sm">
                    {item.detail}
                  </bdi>
                )}
              </Autocomplete.Item>
            )}
          </Autocomplete.Collection>
        </Autocomplete.Group>
      )}
    </Autocomplete.List>
  );
}
