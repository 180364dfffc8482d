'use server';
import { readClientIpAddress, requireSameOrigin } from '#lib/identity/sessions/require-role.ts';
import { findKeys } from '#lib/leaks/find-keys.ts';
import { consumeReport } from '#lib/leaks/report-rate-limits.ts';
import { revokeLeakedKeys } from '#lib/leaks/revoke-leaked-keys.ts';
import { sanitizeLeakUrl } from '#lib/leaks/sanitize-url.ts';
import { leakReportSchema } from '#lib/leaks/schema.ts';
import { publicDatabase, publicDatabasePool } from '#lib/platform/database.ts';

// This action is public: who has a key may revoke it. Its response does not reveal whether a key worked.

/** Revokes the API keys and access tokens in a text, if they work, and notifies their owners and the administrators. */
export async function reportLeakedKey(input: unknown) {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const parsed = leakReportSchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'malformed' } as const;
  const ipAddress = await readClientIpAddress();
  const rateLimit = await consumeReport(publicDatabasePool(), 'page', ipAddress);
  if (!rateLimit.ok) return { ...rateLimit, reason: 'rate_limited' } as const;
  const keys = findKeys(parsed.data.text);
  // The checksum decides this, so it does not reveal which keys exist.
  if (keys.length === 0) return { ok: false, reason: 'no_key' } as const;
  const url = sanitizeLeakUrl(parsed.data.url);
  await revokeLeakedKeys(
    publicDatabase(),
    keys.map((key) => ({ key, url })),
    { source: 'page', ipAddress },
  );
  return { ok: true } as const;
}
