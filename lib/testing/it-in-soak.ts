import { it } from 'vitest';
import { atScale } from './scale.ts';

/** Declares a test that runs only with `npm run test:soak`, as the tag `@soak` does in the end-to-end tests. */
export const itInSoak = atScale<(name: string, run: () => Promise<void>) => void>({
  // Not even skipped: a skipped test counts as one that this machine cannot run.
  normal: () => undefined,
  soak: it,
});
