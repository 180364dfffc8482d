import type { ReactNode } from 'react';
import { SettingsHeading } from '../settings-heading.tsx';

/** Renders the heading of the list of scopes. */
export function ScopesHeading({ action, children }: { action?: ReactNode; children?: ReactNode }) {
  return (
    <SettingsHeading title="Scopes" action={action}>
      {children}
    </SettingsHeading>
  );
}
