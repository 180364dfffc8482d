/** Messages that several dialogs about users share. */

export const USER_GONE = 'This user no longer exists. Reload the page.';
export const INVALID_REQUEST = 'Something went wrong. Reload the page and try again.';
/** Follows "Not saved:" or similar, and comes before what to do. */
export const ADMINISTRATOR_REQUIRED = 'there must be at least one Settings Administrator who can sign in.';

/** Formats who changed the user while the editor was open. @param changedBy null if unknown */
export function formatChangedBy(changedBy: string | null): string {
  return `${changedBy ?? 'someone else'} changed this user while you were editing`;
}

/** Formats the title of the toast for an invitation whose email is queued. */
export const describeInvitationSent = (email: string) => `Invitation on its way to ${email}`;
