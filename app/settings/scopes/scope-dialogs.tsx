'use client';
import { Plus } from 'lucide-react';
import { createContext, type ReactNode, type RefObject, use, useMemo, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import type { ScopeDetails } from '#lib/api-accounts/scopes/schema.ts';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { hasDraft, removeDraft } from '../../drafts/draft-storage.ts';
import { useReopenedDraft } from '../../drafts/use-reopened-draft.ts';
import { useRequestedDialog } from '../use-requested-dialog.ts';
import { EditScopeDialog } from './edit-scope-dialog.tsx';
import { NewScopeDialog } from './new-scope-dialog.tsx';
import { RetireScopeDialog } from './retire-scope-dialog.tsx';

type DialogActions = {
  openNew: () => void;
  openEditor: (scope: ScopeDetails) => void;
  openRetirement: (scope: ScopeDetails) => void;
  /** Gets the focus after a scope was retired, because the button of its row has disappeared. */
  newScopeButton: RefObject<HTMLButtonElement | null>;
};

const DialogActionsContext = createContext<DialogActions | null>(null);

function useDialogActions(): DialogActions {
  const actions = use(DialogActionsContext);
  if (!actions) throw new Error('useDialogActions must be used inside ScopeDialogs');
  return actions;
}

type OpenDialog = {
  dialog: 'new' | 'edit' | 'retire' | null;
  /** The scope whose dialog was opened last. */
  scope: ScopeDetails | null;
  /** Number of times that a dialog was opened. */
  openCount: number;
};

/**
 * Provides the dialogs of the scopes page. They keep the scope as it was when they were opened.
 * @param props.scopes those that are not retired
 */
export function ScopeDialogs({ scopes, children }: { scopes: ScopeDetails[]; children: ReactNode }) {
  const [openDialog, setOpenDialog] = useState<OpenDialog>({ dialog: null, scope: null, openCount: 0 });
  const newScopeButton = useRef<HTMLButtonElement>(null);
  const actions = useMemo<DialogActions>(() => {
    const open = (dialog: OpenDialog['dialog'], opened?: ScopeDetails) =>
      setOpenDialog(({ scope, openCount }) => ({
        dialog,
        scope: opened ?? scope,
        openCount: openCount + 1,
      }));
    return {
      openNew: () => open('new'),
      openEditor: (scope) => open('edit', scope),
      openRetirement: (scope) => open('retire', scope),
      newScopeButton,
    };
  }, []);
  const { dialog, scope, openCount } = openDialog;
  // A late response closes only the dialog that sent the request, not one that was opened later.
  const close = () => {
    if (dialog === 'new') removeDraft(DRAFT_KEYS.newScope);
    if (dialog === 'edit' && scope) removeDraft(DRAFT_KEYS.scope(scope.name));
    setOpenDialog((current) => (current.openCount === openCount ? { ...current, dialog: null } : current));
  };

  useReopenedDraft((owner) => {
    if (hasDraft(DRAFT_KEYS.newScope, owner)) return actions.openNew();
    const edited = scopes.find(({ name }) => hasDraft(DRAFT_KEYS.scope(name), owner));
    if (edited) actions.openEditor(edited);
  });
  useRequestedDialog('newScope', actions.openNew);

  return (
    <DialogActionsContext value={actions}>
      {children}
      <NewScopeDialog open={dialog === 'new'} onClose={close} />
      {scope && <EditScopeDialog open={dialog === 'edit'} scope={scope} onClose={close} />}
      {scope && (
        <RetireScopeDialog
          open={dialog === 'retire'}
          name={scope.name}
          onClose={close}
          buttonAboveList={newScopeButton}
        />
      )}
    </DialogActionsContext>
  );
}

/** Renders the button that opens the dialog for a new scope. */
export function NewScopeButton() {
  const { openNew, newScopeButton } = useDialogActions();
  return (
    <Button variant="primary" ref={newScopeButton} onClick={openNew}>
      <Plus aria-hidden="true" />
      New scope
    </Button>
  );
}

type ScopeButtonsProps = {
  scope: ScopeDetails;
  /** The id of the element that names the scope. */
  describedBy: string;
};

/** Renders the buttons that edit and retire a scope. */
export function ScopeButtons({ scope, describedBy }: ScopeButtonsProps) {
  const { openEditor, openRetirement } = useDialogActions();
  return (
    <div className="flex flex-wrap gap-2 @4xl:justify-end">
      <Button size="sm" aria-describedby={describedBy} onClick={() => openEditor(scope)}>
        Edit
      </Button>
      <Button size="sm" aria-describedby={describedBy} onClick={() => openRetirement(scope)}>
        Retire…
      </Button>
    </div>
  );
}
