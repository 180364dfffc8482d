import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { cookieOf } from './fixtures/call-action.ts';
import { callerTest, REVOKED_ROLES } from './fixtures/callers.ts';
import { forEachConcurrently, send } from './fixtures/requests.ts';
import { type Cookies, expect } from './fixtures/test.ts';

const EXPORT = '/settings/audit-log/export?format=jsonl';
const OWN = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' };

type Sender = { cookies?: Cookies | undefined; headers: Record<string, string> };

const ask = (webUrl: string, { cookies, headers }: Sender, method = 'GET', path = EXPORT) =>
  send(webUrl, { method, path, headers: { ...headers, ...(cookies ? { cookie: cookieOf(cookies) } : {}) } });

async function exportsBy(database: Database, userId: string): Promise<number> {
  const { rows } = await database.execute(
    sql`select from audit_events where act = 'audit.exported' and user_id = ${userId}`,
  );
  return rows.length;
}

/** Where a request may not come from, even with an administrator's cookies. */
const FOREIGN: Record<string, Record<string, string>> = {
  'another site': { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
  'another port of this host': { 'sec-fetch-site': 'same-site' },
  'a script of another site': { origin: 'https://example.com', 'sec-fetch-site': 'cross-site' },
  'an old browser on another site': { origin: 'https://example.com' },
  'an opaque origin': { origin: 'null', 'sec-fetch-site': 'cross-site' },
  'nowhere at all': {},
};

callerTest(
  'the export refuses every caller but an administrator on our own pages, and records it',
  async ({ where, database, newCaller, refusedCallers, apiAccount }) => {
    const { username } = await apiAccount();
    const administrator = await newCaller('settings_administrator');
    const honest = { cookies: administrator.cookies, headers: OWN };
    const exported = await ask(where.webUrl, honest);
    expect(exported).toMatchObject({ status: 200, text: expect.stringContaining(username) });
    const wrong = await ask(where.webUrl, honest, 'GET', EXPORT.replace('jsonl', 'xml'));
    expect(wrong.status).toBe(400);
    const { anonymous, viewer, ...known } = refusedCallers;
    const taken = await Promise.all(
      Object.values(REVOKED_ROLES).map(async ({ change, onRecord }) => {
        const { userId, cookies } = await newCaller('settings_administrator');
        await database.execute(sql`update users set ${change} where id = ${userId}`);
        return { userId, cookies, status: onRecord ? 403 : 401 };
      }),
    );
    const subrequest = { ...OWN, 'x-middleware-subrequest': 'middleware:middleware:middleware' };
    const calls: [string, Sender, number][] = [
      ['an anonymous caller', { cookies: anonymous?.cookies, headers: OWN }, 401],
      ['a viewer', { cookies: viewer?.cookies, headers: OWN }, 403],
      ['a user without a role', { cookies: known['no role']?.cookies, headers: OWN }, 403],
      ['an ended session', { cookies: known['ended session']?.cookies, headers: OWN }, 401],
      ...taken.map(({ cookies, status }): [string, Sender, number] => [
        'a caller who lost the role or was deactivated',
        { cookies, headers: OWN },
        status,
      ]),
      ['a subrequest', { headers: subrequest }, 401],
      // Next.js redirects it before any of our code runs.
      ['a prefetch', { headers: { ...OWN, rsc: '1', 'next-router-prefetch': '1' } }, 307],
      ...Object.entries(FOREIGN).map(([from, headers]): [string, Sender, number] => [
        from,
        { cookies: administrator.cookies, headers },
        403,
      ]),
    ];
    await forEachConcurrently(calls, async ([caller, sender, status]) => {
      for (const method of ['GET', 'HEAD']) {
        const answer = await ask(where.webUrl, sender, method);
        expect(answer.status, `${method} by ${caller}`).toBe(status);
        expect(answer.text, caller).not.toContain(username);
      }
      const posted = await ask(where.webUrl, sender, 'POST');
      expect([307, 400, 403, 405], `POST by ${caller}`).toContain(posted.status);
    });
    for (const caller of [...Object.values(refusedCallers), ...taken])
      if (caller) expect(await exportsBy(database, caller.userId)).toBe(0);
    expect(await exportsBy(database, administrator.userId)).toBe(1);
    const { rows } = await database.execute(
      sql`select outcome, address, details ->> 'requested' as requested from audit_events
        where act = 'request.refused' and user_id = ${viewer?.userId}`,
    );
    const refusal = { outcome: 'refused', address: expect.any(String), requested: 'exportAuditLog' };
    expect(rows).toEqual([refusal, refusal]);
  },
);
