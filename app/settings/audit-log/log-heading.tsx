import type { ReactNode } from 'react';
import { SettingsHeading } from '../settings-heading.tsx';

/** Also where the log itself cannot be shown. */
export function LogHeading({ action }: { action?: ReactNode }) {
  return (
    <SettingsHeading title="Audit log" action={action}>
      Who did what, when, from where, and how it ended. Nothing here can be changed.
    </SettingsHeading>
  );
}
