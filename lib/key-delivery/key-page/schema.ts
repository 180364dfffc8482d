import { z } from 'zod';
import type { OldKeyEnd } from '#lib/key-delivery/reveal/schema.ts';

/** Bounds the token's length. Our tokens have 64 characters. */
const pageTokenSchema = z.string().max(200);

export const keyPageSchema = z.object({ pageToken: pageTokenSchema });
export const keyTestSchema = z.object({
  pageToken: pageTokenSchema,
  /** The form of a key, with any tag. Nothing else is sent to the verifier. */
  key: z.string().regex(/^[0-9A-Za-z]{64}$/),
});

/** What the page that shows a key says about the organisation's API. */
export type KeyGuide = {
  /** Allows this page to test the key and to wait for its first request. Kept in the page's memory only. */
  pageToken: string;
  /** Until when the key before works; null if none does. */
  oldKey: OldKeyEnd | null;
  baseUrl: string | null;
  docsUrl: string | null;
  /** The person or team that the integrator may contact. `email`: null unless API_CONTACT is set. */
  contact: { name: string; email: string | null } | null;
};

/** A response of the verifier. `headers`: those that say something about the key, as alternating names and values. */
export type VerifierResponse = { status: number; headers: [name: string, value: string][]; body: string };

/** `testedAt`: ISO 8601, by the database's clock, after the verifier was asked. It counts a test as a request. */
export type KeyTestResult =
  | { ok: true; response: VerifierResponse; testedAt: string }
  | { ok: false; reason: 'verifier_unavailable'; testedAt: string }
  | { ok: false; reason: 'rate_limited'; retryAfterSeconds: number }
  | { ok: false; reason: 'invalid_link' };

/** `lastRequestAt`: when a verifier last allowed a request with the key; null if it has not. Times are ISO 8601. */
export type FirstRequestResult =
  | { ok: true; lastRequestAt: string | null; now: string }
  | { ok: false; reason: 'invalid_link' };
