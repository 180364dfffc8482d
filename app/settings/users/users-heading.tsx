import type { ReactNode } from 'react';
import { SettingsHeading } from '../settings-heading.tsx';

/** Renders the heading of the list of users. */
export function UsersHeading({ action, children }: { action?: ReactNode; children?: ReactNode }) {
  return (
    <SettingsHeading title="Users" action={action}>
      {children}
    </SettingsHeading>
  );
}
