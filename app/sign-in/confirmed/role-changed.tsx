'use client';
import { useEffect } from 'react';
import { tellRoleChanged } from '#app/proof-channel.ts';
import { LeaveToConfirm } from '../confirm/leave-to-confirm.tsx';

/** Tells the page that waits, too; whoever signs in again from here has proven who they are by that. */
export function RoleChanged(props: { provider: string; failed: string }) {
  useEffect(() => tellRoleChanged(), []);

  return <LeaveToConfirm {...props} />;
}
