'use client';
import { useState } from 'react';
import { Button } from '#components/button.tsx';
import { RelativeTime } from '#components/local-time.tsx';
import { deleteTotp } from './actions.ts';
import { Panel } from './panel.tsx';
import { RemoveDialog } from './remove-dialog.tsx';
import { TotpDialog } from './totp-dialog.tsx';

type TotpPanelProps = { since: Date | null; now: Date; onCodes: (codes: string[]) => void };

/** Shows whether the user has an authenticator app, with a button that sets it up or removes it. */
export function TotpPanel({ since, now, onCodes }: TotpPanelProps) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <Panel
      title="Authenticator app"
      description={
        since ? (
          <p>
            Added <RelativeTime at={since} now={now} midSentence />. You’ll be asked for a code from it after
            your password.
          </p>
        ) : (
          <p>
            Use 6-digit codes from an app such as Google Authenticator, Microsoft Authenticator or 1Password.
          </p>
        )
      }
      action={
        since ? (
          <Button onClick={() => setOpen(true)}>Remove app</Button>
        ) : (
          <Button onClick={() => setOpen(true)}>Set up an app</Button>
        )
      }
    >
      {since ? (
        <RemoveDialog
          open={open}
          onClose={close}
          title="Remove authenticator app"
          factor="Authenticator app"
          consequence="Its codes will stop working, and you’ll be signed out everywhere else."
          remove={deleteTotp}
        />
      ) : (
        <TotpDialog open={open} onClose={close} onCodes={onCodes} />
      )}
    </Panel>
  );
}
