import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { atScale } from '#lib/testing/scale.ts';
import { findAction } from './fixtures/call-action.ts';
import { callerTest, callFromPage, createSameOriginHeaders } from './fixtures/callers.ts';
import { PASSWORD } from './fixtures/global-setup.ts';
import { ACCOUNTS_PATH } from './fixtures/pages.ts';
import { createCookieHeaders, forEachConcurrently, send } from './fixtures/requests.ts';
import { type Cookies, expect, type Installation } from './fixtures/test.ts';
import { insertSession, type TestSession } from './fixtures/users.ts';

/** The number of requests with the cookie of the ended session. */
const REQUEST_COUNT = atScale({ normal: 12, soak: 1_000 });

type EndSessionContext = {
  installation: Installation;
  database: Database;
  user: TestSession;
  administratorCookies: Cookies;
  /** The cookies of another session of the same user. */
  otherCookies: Cookies;
};

/** Calls an action by its name. */
async function call(
  installation: Installation,
  name: string,
  request: { args: unknown[]; cookies: Cookies },
) {
  return callFromPage(installation, { action: await findAction(name), ...request });
}

/** Saves the user as an administrator does in the editor. */
const saveUser = ({ installation, user, administratorCookies }: EndSessionContext, change: object) =>
  call(installation, 'saveUser', {
    args: [
      {
        ...{ id: user.userId, version: 1, name: user.name, email: user.email },
        ...{ role: 'settings_administrator', active: true, ...change },
      },
    ],
    cookies: administratorCookies,
  });

const backdate = (
  { database, user }: EndSessionContext,
  column: 'last_seen_at' | 'created_at',
  interval: string,
) =>
  database.execute(sql`update sessions set ${sql.identifier(column)} = ${sql.identifier(column)} - ${interval}::interval
    where user_id = ${user.userId}`);

/** Functions that end a session, by the reason for which it ends. */
const ENDINGS: Record<string, (context: EndSessionContext) => Promise<unknown>> = {
  'signing out': ({ installation, user }) =>
    call(installation, 'signOut', { args: [], cookies: user.cookies }),
  'signing out everywhere else': ({ installation, otherCookies }) =>
    call(installation, 'signOutElsewhere', { args: [], cookies: otherCookies }),
  'an administrator signs the user out': ({ installation, user, administratorCookies }) =>
    call(installation, 'signUserOutEverywhere', {
      args: [{ id: user.userId }],
      cookies: administratorCookies,
    }),
  deactivation: (context) => saveUser(context, { active: false }),
  'a change of role': (context) => saveUser(context, { role: 'settings_viewer' }),
  'a change of password in another browser': ({ installation, otherCookies }) =>
    call(installation, 'changeOwnPassword', {
      args: [{ current: PASSWORD, password: 'a quiet lamp on the stairs' }],
      cookies: otherCookies,
    }),
  '30 idle minutes': (context) => backdate(context, 'last_seen_at', '30 minutes'),
  '12 hours': (context) => backdate(context, 'created_at', '12 hours'),
};

callerTest.describe('ended session', () => {
  for (const [ending, endSession] of Object.entries(ENDINGS)) {
    callerTest(
      `refuses every later request of a session after ${ending}`,
      async ({ installation, database, newCaller, apiAccount }) => {
        const { id, email } = await apiAccount();
        const user = await newCaller('settings_administrator');
        const { cookies } = user;
        const { cookies: otherCookies } = await insertSession(database, user);
        const { cookies: administratorCookies } = await newCaller('settings_administrator');
        const headers = { ...createSameOriginHeaders(installation), ...createCookieHeaders(cookies) };
        const requestPage = () =>
          send(installation.webUrl, {
            path: `${ACCOUNTS_PATH}?search=${encodeURIComponent(email)}`,
            headers,
          });
        const requestRoute = () =>
          send(installation.webUrl, { path: `${ACCOUNTS_PATH}/${id}/timeline`, headers });
        const callLoadUsage = () => call(installation, 'loadUsage', { args: [{ id }], cookies });
        expect((await requestPage()).text).toContain(id);
        expect((await requestRoute()).status).toBe(200);
        expect(await callLoadUsage()).toContain('"ok":true');

        await endSession({ installation, database, user, administratorCookies, otherCookies });
        const requests = [requestPage, requestRoute, callLoadUsage];
        await forEachConcurrently(Array(REQUEST_COUNT).keys(), async (index) => {
          const response = await requests[index % requests.length]?.();
          if (typeof response === 'string') expect(response).toContain('signed_out');
          else if (index % requests.length === 1) expect(response?.status).toBe(401);
          else expect(response?.text).not.toContain(id);
        });
      },
    );
  }
});
