'use client';
import { RefreshCw } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useTransition } from 'react';
import { Button } from '#components/button.tsx';

const REFRESH_INTERVAL_MS = 3_000;

/** Reloads the messages every few seconds while the page is visible, and when the button is pressed. */
export function RefreshButton() {
  const router = useRouter();
  const [isPending, startTransition] = useTransition();

  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) router.refresh();
    }, REFRESH_INTERVAL_MS);
    return () => clearInterval(timer);
  }, [router]);

  return (
    <Button size="sm" pending={isPending} onClick={() => startTransition(() => router.refresh())}>
      {!isPending && <RefreshCw aria-hidden="true" />}
      <span>Refresh</span>
    </Button>
  );
}
