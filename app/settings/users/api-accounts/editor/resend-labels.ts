import type { ResendPartResult, ResendRequest, ResendResult } from '#lib/key-delivery/reveal/schema.ts';
import type { AgainFrom } from '#lib/key-delivery/timeline/schema.ts';

type Words = { title: string; description: string; tone: 'success' | 'info' };

const NOUNS = { email: 'email', text: 'text' } as const;
const NONE_LEFT = 'it was sent again five times, which is the most';

const capital = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}`;

/** Why a part was not sent; null where it was, or was not asked for. */
function whyNot(noun: keyof typeof NOUNS, part: ResendPartResult | null): string | null {
  if (!part || part.sent) return null;
  if (part.reason === 'too_soon') {
    return `The last ${noun} went out a moment ago: try again in ${part.seconds} s.`;
  }
  if (part.reason === 'refused') return `The ${noun} was refused by our own rules: ${part.why}`;
  return `The ${noun} was not sent: ${NONE_LEFT}. Use Reset API Key to start anew.`;
}

/** What came of sending again, part by part. */
export function describeResent(result: ResendResult, to: { email: string; phone: string }): Words {
  if (!result.ok && result.reason === 'not_under_way') {
    const description = 'No hand-over is under way any more. To send a new link and code, use Reset API Key.';
    return { title: 'Nothing was sent', description, tone: 'info' };
  }
  const { email, text } = result;
  const sent = [email?.sent && 'email', text?.sent && 'text'].filter(
    (noun) => noun !== false && noun !== undefined,
  );
  const sentences = [
    email?.sent && `The email, with the same link, goes to ${to.email}.`,
    text?.sent && `The text, with a new code, goes to ${to.phone}. The code before no longer works.`,
    whyNot('email', email),
    whyNot('text', text),
  ].filter(Boolean);
  const title = sent.length > 0 ? `${capital(sent.join(' and '))} on the way again` : 'Nothing was sent';
  return { title, description: sentences.join(' '), tone: sent.length > 0 ? 'success' : 'info' };
}

/** Whole seconds until a message can be sent again; 0: now; null: not any more. */
export function secondsToWait({ at, left }: AgainFrom, clock: number): number | null {
  return left > 0 ? Math.max(0, Math.ceil((Date.parse(at) - clock) / 1_000)) : null;
}

/** Why a message cannot be sent again at present; null where it can. */
export function formatWait(noun: keyof typeof NOUNS, from: AgainFrom, clock: number): string | null {
  const seconds = secondsToWait(from, clock);
  if (seconds === 0) return null;
  return seconds === null
    ? `${capital(noun)}: ${NONE_LEFT}. Use Reset API Key to start anew.`
    : `${capital(noun)}: can be sent again in ${seconds} s.`;
}

export const LABELS: Record<ResendRequest, string> = {
  email: 'Send email again',
  text: 'Send text again',
  both: 'Send both again',
};
