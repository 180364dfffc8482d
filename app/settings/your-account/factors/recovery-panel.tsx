'use client';
import { useState } from 'react';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { Notice } from '#components/notice.tsx';
import { ActionFailure } from '../../action-failure.tsx';
import { ReauthDialog } from '../../reauth/reauth-dialog.tsx';
import { useServerAction } from '../../use-server-action.ts';
import { replaceRecoveryCodes } from './actions.ts';
import { Panel } from './panel.tsx';
import { RECOVERY_CODES_PURPOSE } from './recovery-codes-dialog.tsx';

type RecoveryPanelProps = { left: number; onCodes: (codes: string[]) => void };

const GENERATE = 'Generate new codes';
/** With fewer codes than this, the user should generate new ones. */
const FEW = 4;

function describeLeft(left: number): string {
  if (left === 0) return 'None left. Generate new codes.';
  return `${left} left.${left < FEW ? ' Generate new codes soon.' : ''}`;
}

/** Shows how many recovery codes are left, with a button that replaces them. */
export function RecoveryPanel({ left, onCodes }: RecoveryPanelProps) {
  const [open, setOpen] = useState(false);
  return (
    <Panel
      title="Recovery codes"
      description={
        <>
          <p>{RECOVERY_CODES_PURPOSE}</p>
          <p>{describeLeft(left)}</p>
        </>
      }
      action={<Button onClick={() => setOpen(true)}>{GENERATE}</Button>}
    >
      <Dialog open={open} onOpenChange={setOpen} title="Generate new recovery codes">
        <RenewForm onClose={() => setOpen(false)} onCodes={onCodes} />
      </Dialog>
    </Panel>
  );
}

type RenewFormProps = { onClose: () => void; onCodes: RecoveryPanelProps['onCodes'] };

function RenewForm({ onClose, onCodes }: RenewFormProps) {
  const { run, pending, failure, setFailure, reauth } = useServerAction(
    replaceRecoveryCodes as (nothing: undefined) => ReturnType<typeof replaceRecoveryCodes>,
  );

  async function renew() {
    const result = await run(undefined);
    if (!result) return;
    if (!result.ok) {
      return setFailure({
        message: 'Add a passkey or an authenticator app first.',
        signInAgain: false,
      });
    }
    onClose();
    onCodes(result.recoveryCodes);
  }

  return (
    <div className="grid gap-4">
      <Notice tone="warning">
        <p>Your current codes will stop working. You’ll see ten new ones, once.</p>
      </Notice>
      <ActionFailure failure={failure} />
      <ReauthDialog {...reauth} />
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="primary" pending={pending} pendingLabel="Generating…" onClick={renew}>
          {GENERATE}
        </Button>
      </DialogButtons>
    </div>
  );
}
