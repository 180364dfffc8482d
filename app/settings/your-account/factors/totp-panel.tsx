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
            Added: <RelativeTime at={since} now={now} />. You enter the code that it shows after your
            password.
          </p>
        ) : (
          <p>
            An app on your phone that shows a new code of 6 digits every 30 seconds, such as Google
            Authenticator, Microsoft Authenticator or 1Password.
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
          factor="The authenticator app"
          consequence="Its codes no longer sign you in. Wherever else you are signed in, you are signed out."
          remove={deleteTotp}
        />
      ) : (
        <TotpDialog open={open} onClose={close} onCodes={onCodes} />
      )}
    </Panel>
  );
}
