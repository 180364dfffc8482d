'use client';
import { useState } from 'react';
import { Button } from '#components/button.tsx';
import { RelativeTime } from '#components/local-time.tsx';
import type { PasskeyView } from '#lib/identity/mfa/schema.ts';
import { deletePasskey } from './actions.ts';
import { AddPasskeyDialog } from './add-passkey-dialog.tsx';
import { Panel } from './panel.tsx';
import { RemoveDialog } from './remove-dialog.tsx';
import { RenamePasskeyDialog } from './rename-passkey-dialog.tsx';

type PasskeysPanelProps = {
  passkeys: PasskeyView[];
  now: Date;
  onCodes: (codes: string[]) => void;
};
type OpenDialog = { dialog: 'rename' | 'remove'; passkey: PasskeyView };

/** Lists the user's passkeys, with actions to add, rename and remove one. */
export function PasskeysPanel({ passkeys, now, onCodes }: PasskeysPanelProps) {
  const [isAdding, setIsAdding] = useState(false);
  const [open, setOpen] = useState<OpenDialog | null>(null);
  const close = () => setOpen(null);
  return (
    <Panel
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
              onAction={(dialog) => setOpen({ dialog, passkey })}
            />
          ))}
        </ul>
      )}
      <AddPasskeyDialog open={isAdding} onClose={() => setIsAdding(false)} onCodes={onCodes} />
      {open && <RenamePasskeyDialog open={open.dialog === 'rename'} onClose={close} passkey={open.passkey} />}
      {open && (
        <RemoveDialog
          open={open.dialog === 'remove'}
          onClose={close}
          title="Remove passkey"
          factor={open.passkey.name}
          consequence="You’ll be signed out everywhere else. Delete it from the device too."
          remove={() => deletePasskey({ id: open.passkey.id })}
        />
      )}
    </Panel>
  );
}

type PasskeyRowProps = { passkey: PasskeyView; now: Date; onAction: (dialog: OpenDialog['dialog']) => void };

function PasskeyRow({ passkey, now, onAction }: PasskeyRowProps) {
  const { id, name, createdAt, lastUsedAt, backedUp } = passkey;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-3.5 py-3">
      <div className="min-w-0">
        <p id={`passkey-${id}`} dir="auto" translate="no" className="break-words font-medium">
          {name}
        </p>
        <p className="text-muted text-sm">
          <span>Added </span>
          <RelativeTime at={createdAt} now={now} midSentence />
          <span>{lastUsedAt ? ' · Last used ' : ' · Never used'}</span>
          {lastUsedAt && <RelativeTime at={lastUsedAt} now={now} midSentence />}
          <span>{backedUp && ' · Synced'}</span>
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
