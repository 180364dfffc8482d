'use client';
import { useEffect } from 'react';
import { announceRoleChanged } from '../../reauth-channel.ts';
import { RedirectToProvider } from '../confirm/redirect-to-provider.tsx';

/** Tells the page that waits, too; whoever signs in again from here has proven who they are by that. */
export function RoleChanged(props: { provider: string; failed: string }) {
  useEffect(() => announceRoleChanged(), []);

  return <RedirectToProvider {...props} />;
}
