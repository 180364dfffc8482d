'use client';
import { type ReactNode, Suspense, useState } from 'react';

type SkeletonBoundaryProps = {
  /** False if the children have loaded. */
  skeleton: ReactNode;
  children: ReactNode;
};

/**
 * Shows the skeleton until the children have loaded, if they were slow when this was first rendered. Otherwise it adds no
 * boundary, because React makes what is within one usable last. It keeps what it decided, because a change would mount
 * the children again and lose what was typed: if they are slow later, for example in a search, the previous ones stay.
 */
export function SkeletonBoundary({ skeleton, children }: SkeletonBoundaryProps) {
  const [first] = useState(skeleton);
  return first === false ? children : <Suspense fallback={first}>{children}</Suspense>;
}
