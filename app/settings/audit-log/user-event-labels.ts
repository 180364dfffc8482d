import type { AuditAction } from '#lib/audit/actions.ts';
import type { EventLabel } from './event-labels.ts';

const USERS = 'Users';
const PASSWORDS = 'Passwords and invitations';

/** The labels of the audit actions on users and their passwords. */
export const USER_EVENT_LABELS = {
  'user.invited': { group: USERS, label: 'User invited', sentence: '{by} invited {user}' },
  'user.invited_again': {
    group: USERS,
    label: 'Invitation sent again',
    sentence: '{by} had the invitation to {user} sent again',
  },
  'user.edited': { group: USERS, label: 'User edited', sentence: '{by} edited the user {user}' },
  'user.deactivated': {
    group: USERS,
    label: 'User made inactive',
    sentence: '{by} made {user} inactive: they may not sign in any more',
  },
  'user.reactivated': {
    group: USERS,
    label: 'User made active again',
    sentence: '{by} made {user} active again: they may sign in',
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
    label: 'New password asked for',
    sentence: 'Somebody asked for an email with a link to set a new password for {user}',
  },
  'password.reset': {
    group: PASSWORDS,
    label: 'New password set by email',
    sentence: '{by} set a new password, with a link sent by email',
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
    withoutActor: 'The user {user} was added at the console, at the first start, or by single sign-on',
  },
  'user.role_claimed': {
    group: USERS,
    label: 'Role given by single sign-on',
    sentence: 'The role of {user} became the one that their provider names',
  },
  'identity.linked': {
    group: USERS,
    label: 'Single sign-on begun',
    sentence: '{by} signed in by single sign-on for the first time',
  },
  'identity.forgotten': {
    group: USERS,
    label: 'Single sign-on forgotten',
    sentence:
      '{by} unlinked the single sign-on of {user}: their next sign-in there goes by the email address',
    withoutActor:
      'The single sign-on of {user} was unlinked at the console: their next sign-in there goes by the email address',
  },
  'password.reset_at_console': {
    group: USERS,
    label: 'Password reset at the console',
    sentence: 'The password of {user} was reset at the console',
  },
} satisfies Partial<Record<AuditAction, EventLabel>>;
