'use client';
import { useState } from 'react';
import { Button } from '#components/button.tsx';
import { RelativeTime } from '#components/local-time.tsx';
import type { PasskeyView } from '#lib/identity/mfa/schema.ts';
import { DRAFT_KEYS } from '../../../drafts/draft-keys.ts';
import { hasDraft, removeDraft } from '../../../drafts/draft-storage.ts';
import { useReopenedDraft } from '../../../drafts/use-reopened-draft.ts';
import { removeOwnPasskey } from './actions.ts';
import { AddPasskeyDialog } from './add-passkey-dialog.tsx';
import { FactorPanel } from './factor-panel.tsx';
import { RemoveFactorDialog } from './remove-factor-dialog.tsx';
import { RenamePasskeyDialog } from './rename-passkey-dialog.tsx';

type PasskeysPanelProps = {
  passkeys: PasskeyView[];
  now: Date;
  onRecoveryCodes: (recoveryCodes: string[]) => void;
};
type OpenDialog = { dialog: 'rename' | 'remove'; passkey: PasskeyView };

/** Lists the user's passkeys, with actions to add, rename and remove one. */
export function PasskeysPanel({ passkeys, now, onRecoveryCodes }: PasskeysPanelProps) {
  const [isAdding, setIsAdding] = useState(false);
  const [openDialog, setOpenDialog] = useState<OpenDialog | null>(null);
  useReopenedDraft((owner) => {
    if (hasDraft(DRAFT_KEYS.newPasskey, owner)) return setIsAdding(true);
    const renamed = passkeys.find(({ id }) => hasDraft(DRAFT_KEYS.passkey(id), owner));
    if (renamed) setOpenDialog({ dialog: 'rename', passkey: renamed });
  });

  function closeAdding() {
    removeDraft(DRAFT_KEYS.newPasskey);
    setIsAdding(false);
  }

  function close() {
    if (openDialog) removeDraft(DRAFT_KEYS.passkey(openDialog.passkey.id));
    setOpenDialog(null);
  }

  return (
    <FactorPanel
      title="Passkeys"
      description="Sign in with your fingerprint, face or PIN instead of a password."
      action={<Button onClick={() => setIsAdding(true)}>Add a passkey</Button>}
    >
      {passkeys.length > 0 && (
        <ul aria-label="Your passkeys" className="divide-y divide-line rounded-md border border-line">
          {passkeys.map((passkey) => (
            <PasskeyRow
              key={passkey.id}
              passkey={passkey}
              now={now}
              onAction={(dialog) => setOpenDialog({ dialog, passkey })}
            />
          ))}
        </ul>
      )}
      <AddPasskeyDialog open={isAdding} onClose={closeAdding} onRecoveryCodes={onRecoveryCodes} />
      {openDialog && (
        <RenamePasskeyDialog
          open={openDialog.dialog === 'rename'}
          onClose={close}
          passkey={openDialog.passkey}
        />
      )}
      {openDialog && (
        <RemoveFactorDialog
          open={openDialog.dialog === 'remove'}
          onClose={close}
          title="Remove passkey"
          factorName={openDialog.passkey.name}
          consequence="You’ll be signed out everywhere else. Delete it from the device too."
          remove={() => removeOwnPasskey({ id: openDialog.passkey.id })}
        />
      )}
    </FactorPanel>
  );
}

type PasskeyRowProps = { passkey: PasskeyView; now: Date; onAction: (dialog: OpenDialog['dialog']) => void };

function PasskeyRow({ passkey, now, onAction }: PasskeyRowProps) {
  const { id, name, createdAt, lastUsedAt, isBackedUp } = passkey;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-3.5 py-3">
      <div className="min-w-0">
        <p id={`passkey-${id}`} dir="auto" translate="no" className="break-words font-medium">
          {name}
        </p>
        <p className="text-muted text-sm">
          <span>Added </span>
          <RelativeTime at={createdAt} now={now} isMidSentence />
          <span>{lastUsedAt ? ' · Last used ' : ' · Never used'}</span>
          {lastUsedAt && <RelativeTime at={lastUsedAt} now={now} isMidSentence />}
          <span>{isBackedUp && ' · Synced'}</span>
        </p>
      </div>
      <div className="flex gap-2">
        <Button size="sm" aria-describedby={`passkey-${id}`} onClick={() => onAction('rename')}>
          Rename
        </Button>
        <Button size="sm" aria-describedby={`passkey-${id}`} onClick={() => onAction('remove')}>
          Remove
        </Button>
      </div>
    </li>
  );
}
