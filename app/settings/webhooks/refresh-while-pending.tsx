'use client';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

const INTERVAL_MS = 2_000;
/** Fewer than half a minute: the next attempt of a delivery that fails is later. */
const MAX_REFRESHES = 10;

/** Loads the page again until a delivery that is about to be attempted has a result. `pendingIds`: of such deliveries. */
export function RefreshWhilePending({ pendingIds }: { pendingIds: string[] }) {
  const router = useRouter();
  const key = pendingIds.join();
  useEffect(() => {
    if (!key) return;
    let refreshes = 0;
    const timer = setInterval(() => {
      router.refresh();
      refreshes += 1;
      if (refreshes === MAX_REFRESHES) clearInterval(timer);
    }, INTERVAL_MS);
    return () => clearInterval(timer);
  }, [key, router]);
  return null;
}
