'use client';
import { Plus } from 'lucide-react';
import { createContext, type ReactNode, use, useCallback, useState } from 'react';
import { Button } from '#components/button.tsx';
import { LazyDialog, loadOnce, preloadOnIntent } from '#components/lazy-dialog.tsx';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { hasDraft, removeDraft } from '../../drafts/draft-storage.ts';
import { useReopenedDraft } from '../../drafts/use-reopened-draft.ts';
import { useRequestedDialog } from '../use-requested-dialog.ts';

const loadDialog = loadOnce(async () => (await import('./new-endpoint-dialog.tsx')).NewEndpointDialog);

const OpenNewContext = createContext<(() => void) | null>(null);

/** Provides the dialog for a new endpoint to its children. */
export function NewEndpointProvider({ children }: { children: ReactNode }) {
  const [isOpen, setIsOpen] = useState(false);
  const open = useCallback(() => setIsOpen(true), []);
  const close = () => {
    removeDraft(DRAFT_KEYS.newWebhookEndpoint);
    setIsOpen(false);
  };

  useReopenedDraft((owner) => {
    if (hasDraft(DRAFT_KEYS.newWebhookEndpoint, owner)) open();
  });
  useRequestedDialog('newWebhookEndpoint', open);

  return (
    <OpenNewContext value={open}>
      {children}
      <LazyDialog
        load={loadDialog}
        isOpen={isOpen}
        // Keeps a draft, which the user has not seen yet.
        onCancel={() => setIsOpen(false)}
        props={{ open: isOpen, onClose: close }}
      />
    </OpenNewContext>
  );
}

/** Renders the button that opens the dialog for a new endpoint. */
export function NewEndpointButton() {
  const openNew = use(OpenNewContext);
  if (!openNew) throw new Error('NewEndpointButton must be used inside NewEndpointProvider');
  return (
    <Button variant="primary" onClick={openNew} {...preloadOnIntent(loadDialog)}>
      <Plus aria-hidden="true" />
      New webhook endpoint
    </Button>
  );
}
