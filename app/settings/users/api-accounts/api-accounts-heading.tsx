import type { ReactNode } from 'react';
import { SettingsHeading } from '../../settings-heading.tsx';

/** Renders the heading of the list of API accounts. */
export function ApiAccountsHeading({ action, children }: { action?: ReactNode; children?: ReactNode }) {
  return (
    <SettingsHeading title="API Accounts" ancestors={['Users']} action={action}>
      {children}
    </SettingsHeading>
  );
}
