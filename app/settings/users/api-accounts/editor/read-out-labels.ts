import type { ReadOutResult } from '#lib/key-delivery/reveal/schema.ts';
import { formatWait } from '#lib/platform/rate-limiter/format.ts';

const NEXT_STEP = 'Resend the text, or reset the key to start again.';

/** Describes why an administrator got no code to read out, and what to do. */
export function describeReadOutRefusal(refusal: Extract<ReadOutResult, { ok: false }>): string {
  switch (refusal.reason) {
    case 'already_read_out':
      return `A code for this link has already been read out, which is possible once. ${NEXT_STEP}`;
    case 'not_in_progress':
      return 'This link no longer works, so there’s no code. Reset the key to start again.';
    case 'replaced':
      return 'A new link and code have been sent since you opened this. Close it, and check the steps below.';
    case 'rate_limited':
      return `You’ve read out many codes. You can read out another in ${formatWait(refusal.retryAfterSeconds)}.`;
  }
}

/** Describes why a code that was shown is no longer shown, and what to do. */
export function describeLostCode(why: 'hidden' | 'expired' | 'texted' | 'ended' | 'replaced'): string {
  switch (why) {
    case 'hidden':
      return `You left the page, so the code is hidden. ${NEXT_STEP}`;
    case 'expired':
      return `The code has expired. ${NEXT_STEP}`;
    case 'texted':
      return 'A newer code was texted, so this one no longer works. Ask them to enter the newer one.';
    case 'ended':
      return 'The link no longer works. Reset the key to start again.';
    case 'replaced':
      return 'A new link and code have been sent, so this code no longer works.';
  }
}
