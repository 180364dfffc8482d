import { sql } from 'drizzle-orm';
import { containsCode } from '#lib/testing/contains-code.ts';
import { callerTest } from './fixtures/callers.ts';
import { ACCOUNTS_PATH } from './fixtures/pages.ts';
import { forEachConcurrently, type Sender, sendAs } from './fixtures/requests.ts';
import { expect } from './fixtures/test.ts';

const SAME_ORIGIN_HEADERS = { 'sec-fetch-site': 'same-origin' };
const UNKNOWN_ID = '019ac000-0000-7000-8000-000000000000';

const buildTimelinePath = (id: string) => `${ACCOUNTS_PATH}/${encodeURIComponent(id)}/timeline`;

callerTest.describe('timeline route', () => {
  callerTest(
    'returns the timeline only to an administrator on a page of Stagedoor',
    async ({ installation: { webUrl }, newCaller, refusedCallers, apiAccount }) => {
      const { id, email, phone, code, link } = await apiAccount();
      const { cookies } = await newCaller('settings_administrator');
      const statuses = { anonymous: 401, 'ended session': 401, 'no role': 403, viewer: 403 };
      // With this header, earlier versions of Next.js skipped their middleware, which is now `proxy` (CVE-2025-29927).
      const subrequest = {
        ...SAME_ORIGIN_HEADERS,
        'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy',
      };
      const refusals: [string, Sender, number][] = [
        ...Object.entries(refusedCallers).map(([kind, caller]): [string, Sender, number] => [
          kind,
          { cookies: caller?.cookies, headers: SAME_ORIGIN_HEADERS },
          statuses[kind as keyof typeof statuses],
        ]),
        ['another site', { cookies, headers: { 'sec-fetch-site': 'cross-site' } }, 403],
        ['another origin', { cookies, headers: { origin: 'https://example.com' } }, 403],
        ['the address bar', { cookies, headers: { 'sec-fetch-site': 'none' } }, 403],
        ['no origin at all', { cookies, headers: {} }, 403],
        ['a subrequest', { headers: subrequest }, 401],
      ];
      const path = buildTimelinePath(id);
      await forEachConcurrently(refusals, async ([caller, sender, expected]) => {
        const response = await sendAs(webUrl, sender, { path });
        expect(response.status, caller).toBe(expected);
        for (const part of [email, phone, 'entries']) expect(response.text, caller).not.toContain(part);
      });
      const response = await sendAs(webUrl, { cookies, headers: SAME_ORIGIN_HEADERS }, { path });
      expect(response.status).toBe(200);
      expect(response.headers['cache-control']).toBe('no-store');
      expect(response.text).toContain(email);
      expect(containsCode(response.text, code)).toBe(false);
      expect(response.text).not.toContain(new URL(link).hash.slice(1));
    },
  );

  callerTest(
    'rejects an unknown account, and methods other than GET',
    async ({ installation: { webUrl }, newCaller }) => {
      const { cookies } = await newCaller('settings_administrator');
      await forEachConcurrently([UNKNOWN_ID, 'x', '../x', "' or 1=1"], async (id) => {
        const response = await sendAs(
          webUrl,
          { cookies, headers: SAME_ORIGIN_HEADERS },
          { path: buildTimelinePath(id) },
        );
        expect(response.status, id).toBe(404);
      });
      const headers = { ...SAME_ORIGIN_HEADERS, origin: webUrl };
      await forEachConcurrently(['POST', 'PUT', 'DELETE'], async (method) => {
        const path = buildTimelinePath(UNKNOWN_ID);
        const response = await sendAs(webUrl, { cookies, headers }, { method, path });
        expect(response.status, method).toBe(405);
      });
    },
  );

  callerTest('does not extend the session', async ({ installation, database, newCaller, apiAccount }) => {
    const { id } = await apiAccount();
    const { userId, cookies } = await newCaller('settings_administrator');
    const requestAfter = async (idleMinutes: number) => {
      await database.execute(sql`update sessions
      set last_seen_at = last_seen_at - ${idleMinutes} * interval '1 minute' where user_id = ${userId}`);
      const sender = { cookies, headers: SAME_ORIGIN_HEADERS };
      return (await sendAs(installation.webUrl, sender, { path: buildTimelinePath(id) })).status;
    };
    // A session ends after 30 idle minutes.
    for (const minutes of [0, 9, 9, 9]) expect(await requestAfter(minutes)).toBe(200);
    expect(await requestAfter(3)).toBe(401);
  });
});
