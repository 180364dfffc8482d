import { z } from 'zod';

/** Why a sign-in or a re-authentication at the provider failed. */
export const ssoErrorSchema = z.enum([
  'unknown',
  'no_email',
  'other_identity',
  'inactive',
  'foreign',
  'other_person',
  'not_fresh',
  'role_changed',
  'failed',
  'over',
  'throttled',
  'unavailable',
]);

export type SsoError = z.infer<typeof ssoErrorSchema>;

/** Returns the message for the user: what happened, and what to do. */
export function describeSsoError(reason: SsoError, provider: string): string {
  switch (reason) {
    case 'unknown':
      return `${provider} knows you, but nobody has let you in here yet. Ask a Settings Administrator of your organisation to invite you, with the email address that you have at ${provider}.`;
    case 'no_email':
      return `${provider} did not vouch for your email address, so it is not certain who you are here. Ask whoever looks after ${provider} in your organisation to have your address verified.`;
    case 'other_identity':
      return `Whoever has your email address here signs in with another account at ${provider}. Choose that one, or ask a Settings Administrator of your organisation.`;
    case 'inactive':
      return 'You may not sign in here any more. A Settings Administrator of your organisation can change that.';
    case 'foreign':
      return `That account at ${provider} is not one of this organisation. Choose the one that you have at work, then try again.`;
    case 'other_person':
      return `That is not the account at ${provider} with which you are signed in here. Choose that one, or sign out first.`;
    case 'not_fresh':
      return `${provider} did not tell that it has just asked who you are. Try again, and sign in there anew; if that does not help, tell whoever looks after ${provider} in your organisation that the ID token needs auth_time.`;
    case 'role_changed':
      return `Your role at ${provider} is another one now, so you were signed out here. Sign in again: what you may do here goes by it.`;
    case 'failed':
      return `You were not signed in at ${provider}. Try again; if that does not help, tell a Settings Administrator of your organisation.`;
    case 'over':
      return 'This took too long, or was begun in another browser. Try again.';
    case 'throttled':
      return 'There have been too many attempts from your network. Wait ten minutes, then try again.';
    case 'unavailable':
      return 'You cannot sign in at the moment. Try again in a minute.';
  }
}
