import type { ReactNode } from 'react';
import { SettingsHeading } from '../../settings-heading.tsx';

/** The heading of the list of API accounts. */
export function PageHeading({ action, children }: { action?: ReactNode; children?: ReactNode }) {
  return (
    <SettingsHeading title="API Accounts" above={['Users']} action={action}>
      {children}
    </SettingsHeading>
  );
}
