import type { AuditAction } from '#lib/audit/actions.ts';
import type { EventLabel } from './event-labels.ts';

const USERS = 'Users';
const PASSWORDS = 'Passwords and invitations';

/** Labels of the actions on users and their passwords, by stored action. */
export const USER_EVENT_LABELS = {
  'user.invited': { group: USERS, label: 'User invited', sentence: '{by} invited {user}' },
  'user.invited_again': {
    group: USERS,
    label: 'Invitation resent',
    sentence: '{by} resent the invitation to {user}',
  },
  'user.edited': { group: USERS, label: 'User edited', sentence: '{by} edited the user {user}' },
  'user.deactivated': {
    group: USERS,
    label: 'User’s access turned off',
    sentence: '{by} turned off {user}’s access',
  },
  'user.reactivated': {
    group: USERS,
    label: 'User’s access turned on',
    sentence: '{by} turned {user}’s access back on',
  },
  'user.signed_out': {
    group: USERS,
    label: 'User signed out everywhere',
    sentence: '{by} signed {user} out everywhere',
  },
  'password.changed': {
    group: PASSWORDS,
    label: 'Password changed',
    sentence: '{by} changed their password',
  },
  'password.reset_asked': {
    group: PASSWORDS,
    label: 'Password reset requested',
    sentence: 'A password reset was requested for {user}',
  },
  'password.reset': {
    group: PASSWORDS,
    label: 'Password reset by email',
    sentence: '{by} reset their password with an emailed link',
  },
  'invitation.accepted': {
    group: PASSWORDS,
    label: 'Invitation accepted',
    sentence: '{by} accepted their invitation and set a password',
  },
  'user.created': {
    group: USERS,
    label: 'User added',
    sentence: '{by} added the user {user}',
    withoutActor:
      'The user {user} was added from the command line, at the first start, or with single sign-on',
  },
  'user.role_claimed': {
    group: USERS,
    label: 'Role set with single sign-on',
    sentence: 'Single sign-on changed {user}’s role',
  },
  'identity.linked': {
    group: USERS,
    label: 'Single sign-on linked',
    sentence: '{by} signed in with single sign-on for the first time',
  },
  'identity.forgotten': {
    group: USERS,
    label: 'Single sign-on unlinked',
    sentence: '{by} unlinked {user}’s single sign-on',
    withoutActor: '{user}’s single sign-on was unlinked from the command line',
  },
  'password.reset_at_console': {
    group: USERS,
    label: 'Password reset from the command line',
    sentence: '{user}’s password was reset from the command line',
  },
} satisfies Partial<Record<AuditAction, EventLabel>>;
