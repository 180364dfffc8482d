'use client';
import { useState } from 'react';
import { Notice } from '#components/notice.tsx';
import { SignOnButton } from '../sign-on-button.tsx';

/** Leads to the provider, and from there to `/sign-in/confirmed`. */
export function LeaveToConfirm({ provider, atOnce }: { provider: string; atOnce: boolean }) {
  const [failure, setFailure] = useState<string | null>(null);
  return (
    <div className="grid gap-4">
      {failure && (
        <Notice tone="danger" announce>
          <p>{failure}</p>
        </Notice>
      )}
      <SignOnButton provider={provider} then="/sign-in/confirmed" setFailure={setFailure} atOnce={atOnce} />
    </div>
  );
}
