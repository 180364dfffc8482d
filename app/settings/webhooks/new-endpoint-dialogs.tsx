'use client';
import { Plus } from 'lucide-react';
import { createContext, type ReactNode, use, useCallback, useState } from 'react';
import { Button } from '#components/button.tsx';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { hasDraft, removeDraft } from '../../drafts/draft-storage.ts';
import { useReopenedDraft } from '../../drafts/use-reopened-draft.ts';
import type { ShownSecret } from '../shown-secret-dialog.tsx';
import { useRequestedDialog } from '../use-requested-dialog.ts';
import { NewEndpointDialog } from './new-endpoint-dialog.tsx';
import { SigningSecretDialog } from './signing-secret-dialog.tsx';

const OpenNewContext = createContext<(() => void) | null>(null);

/** Provides the dialogs of a new endpoint. */
export function NewEndpointDialogs({ children }: { children: ReactNode }) {
  const [isOpen, setIsOpen] = useState(false);
  const [shownSecret, setShownSecret] = useState<ShownSecret | null>(null);
  const open = useCallback(() => setIsOpen(true), []);
  const hideSecret = useCallback(() => setShownSecret(null), []);
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
      <NewEndpointDialog open={isOpen} onClose={close} onCreated={setShownSecret} />
      <SigningSecretDialog shown={shownSecret} onClose={hideSecret} />
    </OpenNewContext>
  );
}

/** Renders the button that opens the dialog for a new endpoint. */
export function NewEndpointButton() {
  const openNew = use(OpenNewContext);
  if (!openNew) throw new Error('NewEndpointButton must be used inside NewEndpointDialogs');
  return (
    <Button variant="primary" onClick={openNew}>
      <Plus aria-hidden="true" />
      New webhook endpoint
    </Button>
  );
}
