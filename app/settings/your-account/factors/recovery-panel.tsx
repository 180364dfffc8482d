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

type RecoveryPanelProps = { left: number; onCodes: (codes: string[]) => void };

/** With fewer codes than this, the user should create new ones. */
const FEW = 4;

function describeLeft(left: number): string {
  if (left === 0) return 'None is left: make new ones.';
  return `${left} ${left === 1 ? 'is' : 'are'} left${left < FEW ? ': make new ones soon' : ''}.`;
}

/** Shows how many recovery codes are left, with a button that replaces them. */
export function RecoveryPanel({ left, onCodes }: RecoveryPanelProps) {
  const [open, setOpen] = useState(false);
  return (
    <Panel
      title="Recovery codes"
      description={
        <>
          <p>For when your passkey or app is lost: each lets you sign in once, after your password.</p>
          <p>{describeLeft(left)}</p>
        </>
      }
      action={<Button onClick={() => setOpen(true)}>Make new codes</Button>}
    >
      <Dialog open={open} onOpenChange={setOpen} title="Make new recovery codes">
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
        message: 'You have no second factor that codes could stand in for.',
        signInAgain: false,
      });
    }
    onClose();
    onCodes(result.recoveryCodes);
  }

  return (
    <div className="grid gap-4">
      <Notice tone="warning">
        <p>The codes that you have now stop working at once. Ten new ones are shown, once.</p>
      </Notice>
      <ActionFailure failure={failure} />
      <ReauthDialog {...reauth} />
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="primary" pending={pending} pendingLabel="Making…" onClick={renew}>
          Make new codes
        </Button>
      </DialogButtons>
    </div>
  );
}
