import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { createAccount, signIn } from './fixtures/pages.ts';
import { type Cookies, expect, test } from './fixtures/test.ts';

const EXPORT = '/settings/audit-log/export?format=jsonl';
const OWN = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' };

type Answer = { status: number; text: string };

async function ask(
  url: string,
  cookies: Cookies | undefined,
  headers: Record<string, string>,
  method = 'GET',
): Promise<Answer> {
  const cookie = (cookies?.cookies ?? []).map(({ name, value }) => `${name}=${value}`).join('; ');
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...headers, ...(cookie ? { cookie } : {}) },
  });
  return { status: response.status, text: await response.text() };
}

const exportsOnRecord = async (database: Database, email?: string) => {
  const { rows } = await database.execute(
    sql`select from audit_events e left join users u on u.id = e.user_id
      where e.act = 'audit.exported' and (${email ?? null}::text is null or u.email = ${email ?? null})`,
  );
  return rows.length;
};

test('an honest request goes through: so the refusals below mean something', async ({
  where,
  administrator,
  administratorCookies,
}) => {
  const { username } = await createAccount(administrator);
  const { status, text } = await ask(where.webUrl + EXPORT, administratorCookies, OWN);
  expect(status).toBe(200);
  expect(text).toContain(username);
  const wrong = await ask(where.webUrl + EXPORT.replace('jsonl', 'xml'), administratorCookies, OWN);
  expect(wrong).toMatchObject({ status: 400 });
});

/** Where a request may not come from, though an administrator's browser sends it. */
const FOREIGN: Record<string, Record<string, string>> = {
  'another site': { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
  'another port of this host': { 'sec-fetch-site': 'same-site' },
  'a script of another site': { origin: 'https://example.com', 'sec-fetch-site': 'cross-site' },
  'an old browser on another site': { origin: 'https://example.com' },
  'an opaque origin': { origin: 'null', 'sec-fetch-site': 'cross-site' },
  'nowhere at all': {},
};

test('nobody gets an export who may not have one, and it says so', async ({
  where,
  database,
  administratorCookies,
  administrator,
  newUser,
  openPage,
}) => {
  const { username } = await createAccount(administrator);
  const cookiesOf = async (role: 'settings_viewer' | 'settings_administrator' | null) => {
    const page = await openPage();
    const person = await newUser(role);
    await signIn(page, person);
    return { person, cookies: await page.context().storageState() };
  };
  const [viewer, nobody, former, gone, ended] = [
    await cookiesOf('settings_viewer'),
    await cookiesOf(null),
    await cookiesOf('settings_administrator'),
    await cookiesOf('settings_administrator'),
    await cookiesOf('settings_administrator'),
  ];
  await database.execute(sql`update users set role = 'settings_viewer' where email = ${former.person.email}`);
  await database.execute(sql`update users set active = false where email = ${gone.person.email}`);
  await database.execute(
    sql`update sessions set ended_at = now() where user_id = (select id from users where email = ${ended.person.email})`,
  );
  const calls: [string, Cookies | undefined, Record<string, string>, number][] = [
    ['nobody', undefined, OWN, 401],
    ['a viewer', viewer.cookies, OWN, 403],
    ['someone without a role', nobody.cookies, OWN, 403],
    ['someone whose role was just removed', former.cookies, OWN, 403],
    ['a deactivated administrator', gone.cookies, OWN, 401],
    ['an ended session', ended.cookies, OWN, 401],
    [
      'a subrequest',
      undefined,
      { ...OWN, 'x-middleware-subrequest': 'middleware:middleware:middleware' },
      401,
    ],
    // Next.js itself sends those on, before anything of ours is asked.
    ['a prefetch', undefined, { ...OWN, rsc: '1', 'next-router-prefetch': '1' }, 307],
    ...Object.entries(FOREIGN).map(([from, headers]): [string, Cookies, Record<string, string>, number] => [
      from,
      administratorCookies,
      headers,
      403,
    ]),
  ];
  const before = await exportsOnRecord(database);
  for (const [caller, cookies, headers, status] of calls) {
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(where.webUrl + EXPORT, cookies, headers, method);
      expect(answer.status, `${method} by ${caller}`).toBe(status);
      expect(answer.text, caller).not.toContain(username);
    }
    const posted = await ask(where.webUrl + EXPORT, cookies, headers, 'POST');
    expect([307, 400, 403, 405], `POST by ${caller}`).toContain(posted.status);
  }
  // Others of this run may export meanwhile: by these people there was none.
  for (const { person } of [viewer, nobody, former, gone, ended])
    expect(await exportsOnRecord(database, person.email)).toBe(0);
  expect(await exportsOnRecord(database)).toBeGreaterThanOrEqual(before);
  const { rows } = await database.execute(
    sql`select e.outcome, e.address, e.details ->> 'requested' as requested from audit_events e join users u on u.id = e.user_id
      where e.act = 'request.refused' and u.email = ${viewer.person.email}`,
  );
  expect(rows).toEqual([
    { outcome: 'refused', address: expect.any(String), requested: 'exportAuditLog' },
    { outcome: 'refused', address: expect.any(String), requested: 'exportAuditLog' },
  ]);
});
