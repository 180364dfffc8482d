'use client';
import { useEffect } from 'react';
import { tellProven } from '#app/proof-channel.ts';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';
import { LeaveToConfirm } from '../confirm/leave-to-confirm.tsx';

type ConfirmedProps = { provider: string; userId: string; proven: boolean; failure: string | null };

/** Tells the page that waits, and closes the window where the browser allows it. */
export function Confirmed({ provider, userId, proven, failure }: ConfirmedProps) {
  useEffect(() => {
    if (!proven) return;
    tellProven(userId);
    window.close();
  }, [proven, userId]);

  if (!failure) return <Button onClick={() => window.close()}>Close this window</Button>;
  return (
    <div className="grid gap-4">
      <Notice tone="danger" announce>
        <p>{failure}</p>
      </Notice>
      <LeaveToConfirm provider={provider} atOnce={false} />
    </div>
  );
}
