import { unstable_isUnrecognizedActionError } from 'next/navigation';

/**
 * Reports whether an error means that this page is older than the server: the server does not know the action, which it
 * therefore did not run, or no longer has a script of this page.
 */
export const isOutdated = (error: unknown): boolean =>
  unstable_isUnrecognizedActionError(error) || (error instanceof Error && error.name === 'ChunkLoadError');

/** Reports whether the server failed while it ran an action. React gives such an error a digest. */
export const isServerError = (error: unknown): boolean => error instanceof Error && 'digest' in error;
