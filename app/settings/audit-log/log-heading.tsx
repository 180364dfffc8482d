import type { ReactNode } from 'react';
import { SettingsHeading } from '../settings-heading.tsx';

/** Renders the heading of the audit log. */
export function LogHeading({ action }: { action?: ReactNode }) {
  return (
    <SettingsHeading title="Audit log" action={action}>
      A record of who did what, when and from where. Entries can’t be changed.
    </SettingsHeading>
  );
}
