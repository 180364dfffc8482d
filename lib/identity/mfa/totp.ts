import { createHmac, timingSafeEqual } from 'node:crypto';
import { toBase32 } from './base32.ts';

const DIGITS = 6;
/** For how many seconds the app shows a code. */
export const STEP_SECONDS = 30;
/** Tolerates a clock that is off by one step, and a code that arrives in the next step (RFC 6238, 5.2). */
const STEP_OFFSETS = [0, -1, 1];

/**
 * Generates the code of a time step (RFC 6238 with SHA-1, 30 seconds and 6 digits, which every authenticator app
 * supports).
 * @param step whole steps of 30 seconds since 1970
 */
export function generateTotpCode(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', secret).update(counter).digest();
  // Dynamic truncation (RFC 4226, 5.3).
  const offset = (digest.at(-1) ?? 0) & 15;
  const number = digest.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

/** Finds the time step of a code, at most one away from `step`; null if the code is wrong. */
export function findMatchingStep(secret: Uint8Array, code: string, step: number): number | null {
  const typed = Buffer.from(code);
  const matches = STEP_OFFSETS.map((offset) => step + offset).filter((each) => {
    const expected = Buffer.from(generateTotpCode(secret, each));
    return expected.length === typed.length && timingSafeEqual(expected, typed);
  });
  return matches[0] ?? null;
}

/** Builds the URI for the QR code, in Google Authenticator's Key URI Format. */
export function buildTotpUri(
  secret: Uint8Array,
  { issuer, account }: { issuer: string; account: string },
): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${toBase32(secret)}&issuer=${encodeURIComponent(issuer)}`;
}
