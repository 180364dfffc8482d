import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { containsCode } from '#lib/testing/contains-code.ts';
import { createAccount, LIST, receive, signIn } from './fixtures/pages.ts';
import { type Cookies, expect, test } from './fixtures/test.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };

async function idOf(database: Database, username: string): Promise<string> {
  const { rows } = await database.execute<{ id: string }>(
    sql`select id from api_accounts where username = ${username}`,
  );
  return rows[0]?.id ?? '';
}

async function get(url: string, cookies: Cookies | undefined, headers: Record<string, string> = OWN) {
  const cookie = (cookies?.cookies ?? []).map(({ name, value }) => `${name}=${value}`).join('; ');
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { ...headers, ...(cookie ? { cookie } : {}) },
  });
  return { status: response.status, body: await response.text(), headers: response.headers };
}

const timelineOf = (webUrl: string, id: string) => `${webUrl}${LIST}/${encodeURIComponent(id)}/timeline`;

test('the timeline is for administrators, asked from our own pages', async ({
  administrator,
  administratorCookies,
  database,
  newUser,
  openPage,
  outbox,
  where,
}) => {
  const details = await createAccount(administrator);
  const handover = await receive(outbox, details);
  const url = timelineOf(where.webUrl, await idOf(database, details.username));
  const cookiesOf = async (role: 'settings_viewer' | 'settings_administrator' | null) => {
    const [page, person] = [await openPage(), await newUser(role)];
    await signIn(page, person);
    return { person, cookies: await page.context().storageState() };
  };
  const ended = await cookiesOf('settings_administrator');
  await database.execute(sql`update sessions set ended_at = now() from users
    where users.id = sessions.user_id and users.email = ${ended.person.email}`);
  const refusals: [string, Cookies | undefined, Record<string, string>, number][] = [
    ['nobody', undefined, OWN, 401],
    ['an ended session', ended.cookies, OWN, 401],
    ['someone without a role', (await cookiesOf(null)).cookies, OWN, 403],
    ['a viewer', (await cookiesOf('settings_viewer')).cookies, OWN, 403],
    ['another site', administratorCookies, { 'sec-fetch-site': 'cross-site' }, 403],
    ['another origin', administratorCookies, { origin: 'https://example.com' }, 403],
    ['the address bar', administratorCookies, { 'sec-fetch-site': 'none' }, 403],
    ['nowhere at all', administratorCookies, {}, 403],
    ['a subrequest', undefined, { ...OWN, 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' }, 401],
  ];
  for (const [who, cookies, headers, status] of refusals) {
    const answer = await get(url, cookies, headers);
    expect(answer.status, who).toBe(status);
    for (const secret of [details.email, details.phone, 'entries']) {
      expect(answer.body, who).not.toContain(secret);
    }
  }
  const answer = await get(url, administratorCookies);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.body).toContain(details.email);
  expect(containsCode(answer.body, handover.code)).toBe(false);
  expect(answer.body).not.toContain(new URL(handover.link).hash.slice(1));
});

test('the timeline of no account is not found, and nothing but a look at it is taken', async ({
  administratorCookies,
  where,
}) => {
  for (const id of ['019ac000-0000-7000-8000-000000000000', 'x', '../x', "' or 1=1"]) {
    expect((await get(timelineOf(where.webUrl, id), administratorCookies)).status, id).toBe(404);
  }
  const url = timelineOf(where.webUrl, '019ac000-0000-7000-8000-000000000000');
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const cookie = administratorCookies.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const headers = { ...OWN, origin: where.webUrl, cookie };
    expect((await fetch(url, { method, headers })).status, method).toBe(405);
  }
});

test('looking at the timeline does not keep a session alive', async ({
  administrator,
  database,
  newUser,
  openPage,
  where,
}) => {
  const details = await createAccount(administrator);
  const url = timelineOf(where.webUrl, await idOf(database, details.username));
  const [page, person] = [await openPage(), await newUser('settings_administrator')];
  await signIn(page, person);
  const cookies = await page.context().storageState();
  const idle = (minutes: number) =>
    database.execute(sql`update sessions set last_seen_at = last_seen_at - ${minutes} * interval '1 minute'
      from users where users.id = sessions.user_id and users.email = ${person.email}`);
  for (let look = 0; look < 3; look += 1) {
    expect((await get(url, cookies)).status).toBe(200);
    await idle(9);
  }
  expect((await get(url, cookies)).status).toBe(200);
  await idle(3);
  expect((await get(url, cookies)).status).toBe(401);
});
