'use client';
import { useLinkStatus } from 'next/link';
import type { ReactNode } from 'react';
import { Spinner } from './spinner.tsx';

/** Shows a spinner instead of its children while the page of the surrounding link loads. */
export function LinkSpinner({ children }: { children: ReactNode }) {
  const { pending } = useLinkStatus();
  return pending ? <Spinner /> : children;
}
