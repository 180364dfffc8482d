'use client';
import { useState } from 'react';
import type { FactorsView } from '#lib/identity/mfa/schema.ts';
import { PasskeysPanel } from './passkeys-panel.tsx';
import { RecoveryCodesDialog } from './recovery-codes-dialog.tsx';
import { RecoveryPanel } from './recovery-panel.tsx';
import { TotpPanel } from './totp-panel.tsx';

/** Shows the passkeys, the authenticator app and the recovery codes; new codes stay open until the user closes them. */
export function FactorPanels({ factors, now }: { factors: FactorsView; now: Date }) {
  const [codes, setCodes] = useState<string[] | null>(null);
  const hasFactor = factors.passkeys.length > 0 || factors.totpSince !== null;
  return (
    <div className="divide-y divide-line rounded-xl border border-line bg-surface shadow-card">
      <PasskeysPanel passkeys={factors.passkeys} now={now} onCodes={setCodes} />
      <TotpPanel since={factors.totpSince} now={now} onCodes={setCodes} />
      {hasFactor && <RecoveryPanel left={factors.recoveryCodesLeft} onCodes={setCodes} />}
      <RecoveryCodesDialog codes={codes} onClose={() => setCodes(null)} />
    </div>
  );
}
