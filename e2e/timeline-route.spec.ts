import { sql } from 'drizzle-orm';
import { containsCode } from '#lib/testing/contains-code.ts';
import { cookieOf } from './fixtures/call-action.ts';
import { callerTest } from './fixtures/callers.ts';
import { LIST } from './fixtures/pages.ts';
import { forEachConcurrently, send } from './fixtures/requests.ts';
import { type Cookies, expect } from './fixtures/test.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };
const MISSING = '019ac000-0000-7000-8000-000000000000';

type Sender = { cookies?: Cookies | undefined; headers?: Record<string, string> };

const timelineOf = (id: string) => `${LIST}/${encodeURIComponent(id)}/timeline`;

const ask = (webUrl: string, path: string, { cookies, headers = OWN }: Sender, method = 'GET') =>
  send(webUrl, { method, path, headers: { ...headers, ...(cookies ? { cookie: cookieOf(cookies) } : {}) } });

callerTest(
  'the timeline is shown to an administrator on our own pages, and to no other caller',
  async ({ where, newCaller, refusedCallers, apiAccount }) => {
    const { id, email, phone, code, link } = await apiAccount();
    const { cookies } = await newCaller('settings_administrator');
    const status = { anonymous: 401, 'ended session': 401, 'no role': 403, viewer: 403 };
    const subrequest = { ...OWN, 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' };
    const refusals: [string, Sender, number][] = [
      ...Object.entries(refusedCallers).map(([kind, caller]): [string, Sender, number] => [
        kind,
        { cookies: caller?.cookies },
        status[kind as keyof typeof status],
      ]),
      ['another site', { cookies, headers: { 'sec-fetch-site': 'cross-site' } }, 403],
      ['another origin', { cookies, headers: { origin: 'https://example.com' } }, 403],
      ['the address bar', { cookies, headers: { 'sec-fetch-site': 'none' } }, 403],
      ['nowhere at all', { cookies, headers: {} }, 403],
      ['a subrequest', { headers: subrequest }, 401],
    ];
    await forEachConcurrently(refusals, async ([caller, sender, expected]) => {
      const answer = await ask(where.webUrl, timelineOf(id), sender);
      expect(answer.status, caller).toBe(expected);
      for (const secret of [email, phone, 'entries']) expect(answer.text, caller).not.toContain(secret);
    });
    const answer = await ask(where.webUrl, timelineOf(id), { cookies });
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.text).toContain(email);
    expect(containsCode(answer.text, code)).toBe(false);
    expect(answer.text).not.toContain(new URL(link).hash.slice(1));
  },
);

callerTest(
  'the timeline of an unknown account is not found, and takes no method but GET',
  async ({ where, newCaller }) => {
    const { cookies } = await newCaller('settings_administrator');
    await forEachConcurrently([MISSING, 'x', '../x', "' or 1=1"], async (id) => {
      expect((await ask(where.webUrl, timelineOf(id), { cookies })).status, id).toBe(404);
    });
    const headers = { ...OWN, origin: where.webUrl };
    await forEachConcurrently(['POST', 'PUT', 'DELETE'], async (method) => {
      const answer = await ask(where.webUrl, timelineOf(MISSING), { cookies, headers }, method);
      expect(answer.status, method).toBe(405);
    });
  },
);

callerTest(
  'reading the timeline does not keep a session alive',
  async ({ where, database, newCaller, apiAccount }) => {
    const { id } = await apiAccount();
    const { userId, cookies } = await newCaller('settings_administrator');
    const statusAfter = async (idleMinutes: number) => {
      await database.execute(sql`update sessions
        set last_seen_at = last_seen_at - ${idleMinutes} * interval '1 minute' where user_id = ${userId}`);
      return (await ask(where.webUrl, timelineOf(id), { cookies })).status;
    };
    for (const minutes of [0, 9, 9, 9]) expect(await statusAfter(minutes)).toBe(200);
    expect(await statusAfter(3)).toBe(401);
  },
);
