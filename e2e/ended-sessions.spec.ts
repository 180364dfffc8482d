import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { atScale } from '#lib/testing/scale.ts';
import { findAction } from './fixtures/call-action.ts';
import { callerTest, callFromPage, sameOriginHeaders } from './fixtures/callers.ts';
import { PASSWORD } from './fixtures/global-setup.ts';
import { ACCOUNTS_PATH } from './fixtures/pages.ts';
import { cookieHeaders, forEachConcurrently, send } from './fixtures/requests.ts';
import { type Cookies, expect, type Installation } from './fixtures/test.ts';
import { insertSession, type TestSession } from './fixtures/users.ts';

/** The number of requests with the old cookie after each ending. */
const REQUESTS = atScale({ normal: 12, soak: 1_000 });

type Ending = {
  installation: Installation;
  database: Database;
  user: TestSession;
  administrator: Cookies;
  /** Another session of the same user. */
  other: Cookies;
};

async function call(
  installation: Installation,
  name: string,
  request: { args: unknown[]; cookies: Cookies },
) {
  return callFromPage(installation, { action: await findAction(name), ...request });
}

/** Saves the user as an administrator does in the editor. */
const saveUser = ({ installation, user, administrator }: Ending, change: object) =>
  call(installation, 'saveUser', {
    args: [
      {
        ...{ id: user.userId, version: 1, name: user.name, email: user.email },
        ...{ role: 'settings_administrator', active: true, ...change },
      },
    ],
    cookies: administrator,
  });

const backdate = ({ database, user }: Ending, column: 'last_seen_at' | 'created_at', interval: string) =>
  database.execute(sql`update sessions set ${sql.identifier(column)} = ${sql.identifier(column)} - ${interval}::interval
    where user_id = ${user.userId}`);

const ENDINGS: Record<string, (ending: Ending) => Promise<unknown>> = {
  'signing out': ({ installation, user }) =>
    call(installation, 'signOut', { args: [], cookies: user.cookies }),
  'signing out everywhere else': ({ installation, other }) =>
    call(installation, 'signOutElsewhere', { args: [], cookies: other }),
  'an administrator signs the user out': ({ installation, user, administrator }) =>
    call(installation, 'signUserOutEverywhere', { args: [{ id: user.userId }], cookies: administrator }),
  deactivation: (ending) => saveUser(ending, { active: false }),
  'a change of role': (ending) => saveUser(ending, { role: 'settings_viewer' }),
  'a change of password in another browser': ({ installation, other }) =>
    call(installation, 'changeOwnPassword', {
      args: [{ current: PASSWORD, password: 'a quiet lamp on the stairs' }],
      cookies: other,
    }),
  '30 idle minutes': (ending) => backdate(ending, 'last_seen_at', '30 minutes'),
  '12 hours': (ending) => backdate(ending, 'created_at', '12 hours'),
};

callerTest.describe('ended session', () => {
  for (const [ending, endSession] of Object.entries(ENDINGS)) {
    callerTest(
      `refuses every later request of a session after ${ending}`,
      async ({ installation, database, newCaller, apiAccount }) => {
        const { id, email } = await apiAccount();
        const user = await newCaller('settings_administrator');
        const { cookies } = user;
        const { cookies: other } = await insertSession(database, user);
        const { cookies: administrator } = await newCaller('settings_administrator');
        const headers = { ...sameOriginHeaders(installation), ...cookieHeaders(cookies) };
        const page = () =>
          send(installation.webUrl, {
            path: `${ACCOUNTS_PATH}?search=${encodeURIComponent(email)}`,
            headers,
          });
        const route = () => send(installation.webUrl, { path: `${ACCOUNTS_PATH}/${id}/timeline`, headers });
        const action = () => call(installation, 'loadUsage', { args: [{ id }], cookies });
        expect((await page()).text).toContain(id);
        expect((await route()).status).toBe(200);
        expect(await action()).toContain('"ok":true');

        await endSession({ installation, database, user, administrator, other });
        const requests = [page, route, action];
        await forEachConcurrently(Array(REQUESTS).keys(), async (index) => {
          const response = await requests[index % requests.length]?.();
          if (typeof response === 'string') expect(response).toContain('signed_out');
          else if (index % requests.length === 1) expect(response?.status).toBe(401);
          else expect(response?.text).not.toContain(id);
        });
      },
    );
  }
});
