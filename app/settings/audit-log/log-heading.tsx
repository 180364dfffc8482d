import type { ReactNode } from 'react';
import { SettingsHeading } from '../settings-heading.tsx';

/** Renders the heading of the audit log. */
export function LogHeading({ action }: { action?: ReactNode }) {
  return (
    <SettingsHeading title="Audit log" action={action}>
      Who did what, when, from where, and how it ended. Nothing here can be changed.
    </SettingsHeading>
  );
}
