'use client';
import { useState } from 'react';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { Notice } from '#components/notice.tsx';
import { ActionFailure } from '../../action-failure.tsx';
import { ReauthDialog } from '../../reauth/reauth-dialog.tsx';
import { useServerAction } from '../../use-server-action.ts';
import { replaceRecoveryCodes } from './actions.ts';
import { FactorPanel } from './factor-panel.tsx';
import { RECOVERY_CODES_PURPOSE } from './recovery-codes-dialog.tsx';

type RecoveryPanelProps = { codesLeft: number; onRecoveryCodes: (recoveryCodes: string[]) => void };

const GENERATE_LABEL = 'Generate new codes';
/** If fewer codes than this are left, the user should generate new ones. */
const MIN_CODES = 4;

function describeCodesLeft(codesLeft: number): string {
  if (codesLeft === 0) return 'None left. Generate new codes.';
  return `${codesLeft} left.${codesLeft < MIN_CODES ? ' Generate new codes soon.' : ''}`;
}

/** Shows how many recovery codes are left, with a button that replaces them. */
export function RecoveryCodesPanel({ codesLeft, onRecoveryCodes }: RecoveryPanelProps) {
  const [open, setOpen] = useState(false);
  return (
    <FactorPanel
      title="Recovery codes"
      description={
        <>
          <p>{RECOVERY_CODES_PURPOSE}</p>
          <p>{describeCodesLeft(codesLeft)}</p>
        </>
      }
      action={<Button onClick={() => setOpen(true)}>{GENERATE_LABEL}</Button>}
    >
      <Dialog open={open} onOpenChange={setOpen} title="Generate new recovery codes">
        <RenewCodesForm onClose={() => setOpen(false)} onRecoveryCodes={onRecoveryCodes} />
      </Dialog>
    </FactorPanel>
  );
}

type RenewCodesFormProps = { onClose: () => void; onRecoveryCodes: RecoveryPanelProps['onRecoveryCodes'] };

function RenewCodesForm({ onClose, onRecoveryCodes }: RenewCodesFormProps) {
  const { run, pending, failure, setFailure, reauth } = useServerAction(
    replaceRecoveryCodes as (input: undefined) => ReturnType<typeof replaceRecoveryCodes>,
  );

  async function renew() {
    const result = await run(undefined);
    if (!result) return;
    if (!result.ok) {
      return setFailure({
        message: 'Add a passkey or an authenticator app first.',
        needsSignIn: false,
      });
    }
    onClose();
    onRecoveryCodes(result.recoveryCodes);
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
          {GENERATE_LABEL}
        </Button>
      </DialogButtons>
    </div>
  );
}
