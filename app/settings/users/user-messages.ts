import type { OutboxChannels } from '#lib/platform/config/provider-settings.ts';

export const MISSING_USER = 'This user no longer exists. Reload the page.';
/** Follows "Not saved:" or "Not unlinked:", and precedes what to do. */
export const ADMINISTRATOR_REQUIRED = 'there must be at least one Settings Administrator who can sign in.';

/**
 * Describes a change of the user while the editor was open, as a clause.
 * @param changedBy the administrator; null if single sign-on changed the role
 */
export function describeChangedBy(changedBy: string | null): string {
  return changedBy === null
    ? 'this user was changed while you were editing'
    : `${changedBy} changed this user while you were editing`;
}

/** Returns the title of the toast for an invitation whose email is queued. */
export const describeInvitationSent = (email: string, outbox: OutboxChannels) =>
  outbox.email ? `Invitation for ${email} is in the outbox` : `Invitation on its way to ${email}`;
