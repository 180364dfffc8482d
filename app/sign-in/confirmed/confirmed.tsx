'use client';
import { useEffect } from 'react';
import { Button } from '#components/button.tsx';
import { announceReauthenticated } from '../../reauth-channel.ts';

/** Tells the page that waits, and closes the window where the browser allows it. */
export function Confirmed({ userId }: { userId: string }) {
  useEffect(() => {
    announceReauthenticated(userId);
    window.close();
  }, [userId]);

  return <Button onClick={() => window.close()}>Close this window</Button>;
}
