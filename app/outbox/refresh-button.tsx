'use client';
import { RefreshCw } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useTransition } from 'react';
import { Button } from '#components/button.tsx';

const INTERVAL_MS = 3_000;

/** Reloads the messages every few seconds while the page is visible, and when its button is pressed. */
export function RefreshButton() {
  const router = useRouter();
  const [pending, startTransition] = useTransition();

  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) router.refresh();
    }, INTERVAL_MS);
    return () => clearInterval(timer);
  }, [router]);

  return (
    <Button size="sm" pending={pending} onClick={() => startTransition(() => router.refresh())}>
      {!pending && <RefreshCw aria-hidden="true" />}
      <span>Refresh</span>
    </Button>
  );
}
