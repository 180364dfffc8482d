/**
 * Sends a form to an endpoint of next-auth, with its CSRF token. This is all that Stagedoor needs of `next-auth/react`, which
 * is several times as large as the rest of the page to sign in.
 * @returns where to go next, with an `error` in the query if the request was rejected
 * @throws if there was no response, or one that is not next-auth's
 * @see https://next-auth.js.org/getting-started/rest-api
 */
export async function callNextAuth(
  endpoint: string,
  fields: Record<string, string>,
): Promise<{ ok: boolean; url: URL }> {
  const csrf = await fetch('/api/auth/csrf');
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  const response = await fetch(`/api/auth/${endpoint}`, {
    method: 'POST',
    body: new URLSearchParams({ callbackUrl: window.location.href, ...fields, csrfToken, json: 'true' }),
  });
  const { url } = (await response.json()) as { url: string };
  return { ok: response.ok, url: new URL(url) };
}
