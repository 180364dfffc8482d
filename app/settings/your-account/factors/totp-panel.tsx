'use client';
import { useState } from 'react';
import { Button } from '#components/button.tsx';
import { RelativeTime } from '#components/local-time.tsx';
import { removeOwnTotp } from './actions.ts';
import { FactorPanel } from './factor-panel.tsx';
import { RemoveFactorDialog } from './remove-factor-dialog.tsx';
import { TotpDialog } from './totp-dialog.tsx';

type TotpPanelProps = { addedAt: Date | null; now: Date; onRecoveryCodes: (recoveryCodes: string[]) => void };

/** Shows whether the user has an authenticator app, with a button that sets it up or removes it. */
export function TotpPanel({ addedAt, now, onRecoveryCodes }: TotpPanelProps) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <FactorPanel
      title="Authenticator app"
      description={
        addedAt ? (
          <p>
            Added <RelativeTime at={addedAt} now={now} isMidSentence />. You’ll be asked for a code from it
            after your password.
          </p>
        ) : (
          <p>
            Use 6-digit codes from an app such as Google Authenticator, Microsoft Authenticator or 1Password.
          </p>
        )
      }
      action={
        addedAt ? (
          <Button onClick={() => setOpen(true)}>Remove app</Button>
        ) : (
          <Button onClick={() => setOpen(true)}>Set up an app</Button>
        )
      }
    >
      {addedAt ? (
        <RemoveFactorDialog
          open={open}
          onClose={close}
          title="Remove authenticator app"
          factorName="Authenticator app"
          consequence="Its codes will stop working, and you’ll be signed out everywhere else."
          remove={() => removeOwnTotp({ addedAt: addedAt.toISOString() })}
        />
      ) : (
        <TotpDialog open={open} onClose={close} onRecoveryCodes={onRecoveryCodes} />
      )}
    </FactorPanel>
  );
}
