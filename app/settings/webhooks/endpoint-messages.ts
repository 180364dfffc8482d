import type { Failure } from '../use-server-action.ts';

/** The failure of a change to an endpoint that was deleted. */
export const MISSING_ENDPOINT: Failure = {
  message: 'This endpoint doesn’t exist any more. Another administrator may have deleted it.',
  needsSignIn: false,
};
