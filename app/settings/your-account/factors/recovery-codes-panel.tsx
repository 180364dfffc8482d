'use client';
import { useState } from 'react';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { uncapitalize } from '#components/format.ts';
import { formatRelative } from '#components/format-time.ts';
import { useTimeZone } from '#components/local-time.tsx';
import { Notice } from '#components/notice.tsx';
import { ActionFailure } from '../../action-failure.tsx';
import { ReauthDialog } from '../../reauth/reauth-dialog.tsx';
import { useServerAction } from '../../use-server-action.ts';
import { replaceRecoveryCodes } from './actions.ts';
import { FactorPanel } from './factor-panel.tsx';
import { RECOVERY_CODES_PURPOSE } from './recovery-codes-dialog.tsx';

type RecoveryPanelProps = {
  codesLeft: number;
  /** When the codes were generated; null if there are none. */
  generatedAt: Date | null;
  onRecoveryCodes: (recoveryCodes: string[]) => void;
};

const EFFECT = {
  done: 'New recovery codes were generated. If you didn’t see them, generate new ones again.',
  maybe:
    'New codes may have been generated, and then your earlier ones no longer work. Generate codes again and save them.',
};

const GENERATE_LABEL = 'Generate new codes';
/** If fewer codes than this are left, the user should generate new ones. */
const MIN_CODES = 4;

function describeCodesLeft(codesLeft: number): string {
  if (codesLeft === 0) return 'None left. Generate new codes.';
  return `${codesLeft} left.${codesLeft < MIN_CODES ? ' Generate new codes soon.' : ''}`;
}

/** Shows how many recovery codes are left, with a button that replaces them. */
export function RecoveryCodesPanel({ codesLeft, generatedAt, onRecoveryCodes }: RecoveryPanelProps) {
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
        <RenewCodesForm
          seenAt={generatedAt}
          onClose={() => setOpen(false)}
          onRecoveryCodes={onRecoveryCodes}
        />
      </Dialog>
    </FactorPanel>
  );
}

type RenewCodesFormProps = Pick<RecoveryPanelProps, 'onRecoveryCodes'> & {
  /** When the codes that the page shows were generated. */
  seenAt: Date | null;
  onClose: () => void;
};

function RenewCodesForm({ seenAt, onClose, onRecoveryCodes }: RenewCodesFormProps) {
  const { run, pending, failure, setFailure, reauth } = useServerAction(replaceRecoveryCodes, EFFECT);
  const [generatedAt, setGeneratedAt] = useState(seenAt);
  const timeZone = useTimeZone();

  async function renew() {
    const result = await run({ generatedAt: generatedAt?.toISOString() ?? null });
    if (!result) return;
    if (!result.ok && result.reason === 'already_renewed') {
      setGeneratedAt(result.generatedAt);
      const when = uncapitalize(formatRelative(result.generatedAt, result.readAt, timeZone));
      const message = `You already generated new codes ${when}. If you saved them, cancel. If not, generate new ones again: those will stop working.`;
      return setFailure({ message, needsSignIn: false });
    }
    if (!result.ok) {
      return setFailure({ message: 'Add a passkey or an authenticator app first.', needsSignIn: false });
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
