/** Shown if the account was deleted while its dialog was open. */
export const MISSING_ACCOUNT = 'This account no longer exists.';

/** Describes why a panel of the editor shows nothing. `subject`: what it would show, at the start of a sentence. */
export const describeLoadFailure = (subject: string) => `${subject} couldn’t be loaded. Your edits are safe.`;

/** Asks a user whose session has ended to sign in again. `object`: what they would see, at the end of a sentence. */
export const describeSignedOut = (object: string) => `You’ve been signed out. Sign in to see ${object}.`;
