import { digestKeyAsHex } from '#lib/api-keys/api-key.ts';
import { isKeyOrToken } from '#lib/leaks/find-keys.ts';
import { checkGithubSignature } from '#lib/leaks/github-signature.ts';
import { consumeReport } from '#lib/leaks/report-rate-limits.ts';
import { revokeLeakedKeys } from '#lib/leaks/revoke-leaked-keys.ts';
import { sanitizeLeakUrl } from '#lib/leaks/sanitize-url.ts';
import { handleOperation, refuseOtherMethods } from '#lib/management-api/handle-operation.ts';
import { reportLeakedKeys } from '#lib/management-api/leak-operations.ts';
import { refuse } from '#lib/management-api/problems.ts';

/** The longest `type` that is repeated in the response. */
const MAX_TYPE_LENGTH = 100;

// A scanner has no access token. Who has a key may revoke it, so knowing the key is enough.
export const POST = handleOperation(reportLeakedKeys, null, async ({ database, body, bytes, headers }) => {
  const signature = await checkGithubSignature(headers, bytes);
  if (signature === 'invalid') return refuse('invalid_signature');
  const source = signature === 'valid' ? 'github' : 'api';
  const ipAddress = headers.get('x-stagedoor-address') ?? 'unknown';
  const { ok, ...limited } = await consumeReport(database.$client, source, ipAddress);
  if (!ok) return refuse('too_many_requests', limited);
  const reports = body.map(({ token, url, type }) => ({
    token: token.trim(),
    url: sanitizeLeakUrl(url ?? ''),
    type: (type ?? 'stagedoor').slice(0, MAX_TYPE_LENGTH),
  }));
  const keys = reports.filter(({ token }) => isKeyOrToken(token));
  await revokeLeakedKeys(
    database,
    keys.map(({ token, url }) => ({ key: token, url })),
    { source, ipAddress },
  );
  const labels = reports.map(({ token, type }) => ({
    token_hash: digestKeyAsHex(token),
    token_type: type,
    label: isKeyOrToken(token) ? ('true_positive' as const) : ('false_positive' as const),
  }));
  return { ok: true, body: labels };
});

export const { GET, PUT, PATCH, DELETE, OPTIONS } = refuseOtherMethods('POST');
