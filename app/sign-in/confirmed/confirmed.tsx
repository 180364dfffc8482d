'use client';
import { useEffect } from 'react';
import { Button } from '#components/button.tsx';
import { announceReauthenticated, announceRoleChanged } from '../../auth-channel.ts';
import { SignInAtProvider } from '../confirm/sign-in-at-provider.tsx';

/** Notifies the waiting page that the user has re-authenticated, and closes the window if the browser allows it. */
export function Confirmed({ userId }: { userId: string }) {
  useEffect(() => {
    announceReauthenticated(userId);
    window.close();
  }, [userId]);

  return <Button onClick={() => window.close()}>Close this window</Button>;
}

/** Notifies the waiting page that the user's role changed, and lets the user sign in again. */
export function RoleChanged(props: { provider: string; previousFailure: string }) {
  useEffect(() => announceRoleChanged(), []);

  return <SignInAtProvider {...props} />;
}
