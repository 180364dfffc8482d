'use client';
import { useEffect } from 'react';
import { tellProven } from '#app/proof-channel.ts';
import { Button } from '#components/button.tsx';

/** Tells the page that waits, and closes the window where the browser allows it. */
export function Confirmed({ userId }: { userId: string }) {
  useEffect(() => {
    tellProven(userId);
    window.close();
  }, [userId]);

  return <Button onClick={() => window.close()}>Close this window</Button>;
}
