import type { ReauthResult } from '#lib/identity/mfa/reauthenticate.ts';
import type { ReauthInput } from '#lib/identity/mfa/schema.ts';
import { formatWait } from '#lib/platform/rate-limiter/format.ts';

type Refused = Exclude<ReauthResult, { ok: true }>;

const WRONG: Record<ReauthInput['kind'], string> = {
  password: 'That is not your password.',
  totp: 'That code is not right, or was used before. The app shows a new one every 30 seconds.',
  passkey: 'That passkey was not accepted. Try again, or choose another way.',
};

/** Why a proof was not taken, and what to do next. */
export function describeReauthError(refused: Refused, kind: ReauthInput['kind']): string {
  switch (refused.reason) {
    case 'malformed':
      return kind === 'totp' ? 'Enter the 6 digits that the app shows.' : 'Enter your password.';
    case 'wrong':
      return WRONG[kind];
    case 'busy':
      return 'The server is busy. Try again in a moment.';
    case 'throttled':
      return `There have been too many tries. Wait ${formatWait(refused.retryAfterSeconds)}, or choose another way.`;
  }
}
