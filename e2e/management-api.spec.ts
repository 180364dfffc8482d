import { createTestAccessToken } from '#lib/testing/access-tokens.ts';
import { createCookieHeaders, type HttpRequest, send } from './fixtures/requests.ts';
import { expect, test } from './fixtures/test.ts';

const ACCOUNTS = '/api/v1/api-accounts';

test.describe('management API', () => {
  test('is authorised by an access token only, from anywhere', async ({
    installation: { webUrl },
    database,
    actor,
    administratorCookies,
  }) => {
    const created = await createTestAccessToken(database, ['accounts:read', 'accounts:write'], {
      administrator: actor,
    });
    const authorization = `Bearer ${created.token}`;
    const call = async (request: HttpRequest, headers: Record<string, string> = { authorization }) => {
      const response = await send(webUrl, {
        ...request,
        headers: { 'content-type': 'application/json', ...headers, ...request.headers },
      });
      return { ...response, json: response.text ? JSON.parse(response.text) : undefined };
    };
    const username = `By program ${crypto.randomUUID()}`;
    const body = JSON.stringify({ username, email: 'it@example.com', phone: '+447894123456' });
    const post: HttpRequest = { method: 'POST', path: ACCOUNTS, body };

    const cookies = createCookieHeaders(administratorCookies);
    const ownPage = { ...cookies, origin: webUrl, 'sec-fetch-site': 'same-origin' };
    for (const headers of [{}, { ...cookies }, ownPage]) {
      const refused = await call(post, headers);
      expect([refused.status, refused.json.code]).toEqual([401, 'invalid_token']);
    }
    // No browser sends the token from a page of another site, so its origin does not matter.
    const fromElsewhere = { authorization, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const { status, json, headers } = await call(post, fromElsewhere);
    expect([status, json.username]).toEqual([201, username]);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['cache-control']).toBe('no-store');
    expect(Object.keys(headers).filter((name) => /^(access-control|set-cookie)/.test(name))).toEqual([]);

    const path = `${ACCOUNTS}/${json.id}`;
    expect((await call({ method: 'PATCH', path, body: '{"active":false}' })).json.status).toBe('inactive');
    expect((await call({ method: 'POST', path: `${path}/reset-key` })).status).toBe(200);
    expect((await call({ method: 'HEAD', path })).status).toBe(200);
    expect((await call({ method: 'DELETE', path })).status).toBe(204);
    expect((await call({ path })).json.code).toBe('not_found');
  });

  test('responds with problem details, also where web refuses the request', async ({
    installation: { webUrl },
  }) => {
    const call = (request: HttpRequest) => send(webUrl, request);
    const problems: [HttpRequest, number][] = [
      [{ path: '/api/v1' }, 404],
      [{ path: '/api/v1/x/y', method: 'POST' }, 404],
      [{ path: ACCOUNTS, method: 'PUT' }, 405],
      [{ path: ACCOUNTS, method: 'POST', body: 'x'.repeat(65_537) }, 413],
      [
        { path: ACCOUNTS, method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
        415,
      ],
      [{ path: `${ACCOUNTS}/%ff` }, 400],
      [{ path: '/api/v1/../../settings', method: 'POST' }, 403],
    ];
    for (const [request, expected] of problems) {
      const { status, headers, text } = await call(request);
      expect(status, request.path).toBe(expected);
      expect(headers['content-type'], request.path).toBe('application/problem+json');
      expect(JSON.parse(text)).toMatchObject({ status: expected, code: expect.any(String) });
    }
    const preflight = await call({
      method: 'OPTIONS',
      path: ACCOUNTS,
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect([preflight.status, preflight.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS, POST']);
    expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
    const { text } = await call({ path: '/api/v1/openapi.json' });
    expect(JSON.parse(text)).toMatchObject({ openapi: '3.1.0' });
  });
});
