import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { callerTest, REVOCATIONS } from './fixtures/callers.ts';
import { forEachConcurrently, type Sender, sendAs } from './fixtures/requests.ts';
import { expect } from './fixtures/test.ts';

/** The routes that export files; `action` is recorded for an export, and `requested` for a refused one. */
const EXPORTS = [
  {
    name: 'the audit log',
    path: '/settings/audit-log/export?format=jsonl',
    action: 'audit.exported',
    requested: 'exportAuditLog',
  },
  {
    name: 'the API accounts',
    path: '/settings/users/api-accounts/export',
    action: 'api_accounts.exported',
    requested: 'exportAccounts',
  },
];
const SAME_ORIGIN_HEADERS = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' };

async function countExports(database: Database, userId: string, action: string): Promise<number> {
  const { rows } = await database.execute(
    sql`select from audit_events where action = ${action} and user_id = ${userId}`,
  );
  return rows.length;
}

/** Headers of exports that are refused because of their origin, even with an administrator's cookies. */
const CROSS_ORIGIN_EXPORT_HEADERS: Record<string, Record<string, string>> = {
  'another site': { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
  'another port of this host': { 'sec-fetch-site': 'same-site' },
  'a script of another site': { origin: 'https://example.com', 'sec-fetch-site': 'cross-site' },
  'an old browser on another site': { origin: 'https://example.com' },
  'an opaque origin': { origin: 'null', 'sec-fetch-site': 'cross-site' },
  'no origin at all': {},
};

callerTest.describe('export', () => {
  for (const { name, path: exportPath, action, requested } of EXPORTS)
    callerTest(
      `exports ${name} only for an administrator on a page of Stagedoor, and records it`,
      async ({ installation, database, newCaller, refusedCallers, apiAccount }) => {
        const { webUrl } = installation;
        const { username } = await apiAccount();
        const administrator = await newCaller('settings_administrator');
        const allowed = { cookies: administrator.cookies, headers: SAME_ORIGIN_HEADERS };
        const exported = await sendAs(webUrl, allowed, { path: exportPath });
        expect(exported).toMatchObject({ status: 200, text: expect.stringContaining(username) });
        const { anonymous, viewer, ...otherCallers } = refusedCallers;
        const revokedCallers = await Promise.all(
          Object.values(REVOCATIONS).map(async ({ change, isRecorded }) => {
            const { userId, cookies } = await newCaller('settings_administrator');
            await database.execute(sql`update users set ${change} where id = ${userId}`);
            // Refusals of signed-in users are recorded and get 403. A deactivated user is signed out.
            return { userId, cookies, status: isRecorded ? 403 : 401 };
          }),
        );
        // Made earlier versions of Next.js skip the middleware, in which many applications authorize.
        const subrequest = {
          ...SAME_ORIGIN_HEADERS,
          'x-middleware-subrequest': 'middleware:middleware:middleware',
        };
        const calls: [string, Sender, number][] = [
          ['an anonymous caller', { cookies: anonymous?.cookies, headers: SAME_ORIGIN_HEADERS }, 401],
          ['a viewer', { cookies: viewer?.cookies, headers: SAME_ORIGIN_HEADERS }, 403],
          [
            'a user without a role',
            { cookies: otherCallers['no role']?.cookies, headers: SAME_ORIGIN_HEADERS },
            403,
          ],
          [
            'an ended session',
            { cookies: otherCallers['ended session']?.cookies, headers: SAME_ORIGIN_HEADERS },
            401,
          ],
          ...revokedCallers.map(({ cookies, status }): [string, Sender, number] => [
            'a caller who lost the role or was deactivated',
            { cookies, headers: SAME_ORIGIN_HEADERS },
            status,
          ]),
          ['a subrequest', { headers: subrequest }, 401],
          // Next.js redirects a prefetch before any of our code runs.
          ['a prefetch', { headers: { ...SAME_ORIGIN_HEADERS, rsc: '1', 'next-router-prefetch': '1' } }, 307],
          ...Object.entries(CROSS_ORIGIN_EXPORT_HEADERS).map(([from, headers]): [string, Sender, number] => [
            from,
            { cookies: administrator.cookies, headers },
            403,
          ]),
        ];
        await forEachConcurrently(calls, async ([caller, sender, status]) => {
          for (const method of ['GET', 'HEAD']) {
            const response = await sendAs(webUrl, sender, { method, path: exportPath });
            expect(response.status, `${method} by ${caller}`).toBe(status);
            expect(response.text, caller).not.toContain(username);
          }
          const posted = await sendAs(webUrl, sender, { method: 'POST', path: exportPath });
          expect([307, 400, 403, 405], `POST by ${caller}`).toContain(posted.status);
        });
        for (const caller of [...Object.values(refusedCallers), ...revokedCallers])
          if (caller) expect(await countExports(database, caller.userId, action)).toBe(0);
        expect(await countExports(database, administrator.userId, action)).toBe(1);
        const { rows } = await database.execute(
          sql`select outcome, address, details ->> 'requested' as requested from audit_events
        where action = 'request.refused' and user_id = ${viewer?.userId}`,
        );
        const refusal = { outcome: 'refused', address: expect.any(String), requested };
        // One for GET and one for HEAD.
        expect(rows).toEqual([refusal, refusal]);
      },
    );

  callerTest('refuses a format that does not exist', async ({ installation, newCaller }) => {
    const { cookies } = await newCaller('settings_administrator');
    for (const page of ['/settings/audit-log', '/settings/users/api-accounts']) {
      const path = `${page}/export?format=xml`;
      const response = await sendAs(installation.webUrl, { cookies, headers: SAME_ORIGIN_HEADERS }, { path });
      expect(response.status, page).toBe(400);
    }
  });
});
