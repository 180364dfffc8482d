import type { ReactNode } from 'react';
import { SettingsHeading } from '../settings-heading.tsx';

/** Renders the heading of the list of access tokens. */
export function TokensHeading({ action, children }: { action?: ReactNode; children?: ReactNode }) {
  return (
    <SettingsHeading title="Access tokens" action={action}>
      {children}
    </SettingsHeading>
  );
}
