/** Shown if the account of an open dialog or page is missing: it was deleted, or never existed. */
export const MISSING_ACCOUNT = 'This account no longer exists.';

/** Describes that a panel of the editor failed to load. `subject`: its content, at the start of a sentence. */
export const describeLoadFailure = (subject: string) => `${subject} couldn’t be loaded. Your edits are safe.`;

/** Asks a signed-out user to sign in again. `object`: what they will see then, at the end of a sentence. */
export const describeSignedOut = (object: string) => `You’ve been signed out. Sign in to see ${object}.`;
