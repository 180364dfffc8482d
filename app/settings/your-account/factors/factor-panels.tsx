'use client';
import { useState } from 'react';
import type { FactorsView } from '#lib/identity/mfa/schema.ts';
import { PasskeysPanel } from './passkeys-panel.tsx';
import { RecoveryCodesDialog } from './recovery-codes-dialog.tsx';
import { RecoveryCodesPanel } from './recovery-codes-panel.tsx';
import { TotpPanel } from './totp-panel.tsx';

/** Shows the passkeys, the authenticator app and the recovery codes. New recovery codes open in a dialog. */
export function FactorPanels({ factors, now }: { factors: FactorsView; now: Date }) {
  const [newCodes, setNewCodes] = useState<string[] | null>(null);
  const hasFactor = factors.passkeys.length > 0 || factors.totpSince !== null;
  return (
    <div className="divide-y divide-line rounded-xl border border-line bg-surface shadow-card">
      <PasskeysPanel passkeys={factors.passkeys} now={now} onRecoveryCodes={setNewCodes} />
      <TotpPanel addedAt={factors.totpSince} now={now} onRecoveryCodes={setNewCodes} />
      {hasFactor && (
        <RecoveryCodesPanel
          codesLeft={factors.recoveryCodesLeft}
          generatedAt={factors.recoveryCodesSince}
          onRecoveryCodes={setNewCodes}
        />
      )}
      <RecoveryCodesDialog codes={newCodes} onClose={() => setNewCodes(null)} />
    </div>
  );
}
