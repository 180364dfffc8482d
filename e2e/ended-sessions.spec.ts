import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { atScale } from '#lib/testing/scale.ts';
import { builtAction, callAction, cookieOf } from './fixtures/call-action.ts';
import { callerTest, own } from './fixtures/callers.ts';
import { PASSWORD } from './fixtures/global-setup.ts';
import { LIST } from './fixtures/pages.ts';
import { forEachConcurrently, send } from './fixtures/requests.ts';
import { type Cookies, expect, type Where } from './fixtures/test.ts';
import { insertSession, type TestSession } from './fixtures/users.ts';

/** How many requests are sent with the old cookie after each ending. */
const REQUESTS = atScale({ normal: 12, soak: 1_000 });

type Ending = {
  where: Where;
  database: Database;
  user: TestSession;
  administrator: Cookies;
  /** Another session of the same user. */
  other: Cookies;
};

async function call(where: Where, name: string, { args, cookies }: { args: unknown[]; cookies: Cookies }) {
  const action = await builtAction(name);
  return callAction({ url: where.webUrl + action.page, action, args, cookies, headers: own(where) });
}

/** Saves the user as an administrator does in the editor. */
const save = ({ where, user, administrator }: Ending, change: object) =>
  call(where, 'saveUser', {
    args: [
      {
        ...{ id: user.userId, version: 1, name: user.name, email: user.email },
        ...{ role: 'settings_administrator', active: true, ...change },
      },
    ],
    cookies: administrator,
  });

const age = ({ database, user }: Ending, column: 'last_seen_at' | 'created_at', interval: string) =>
  database.execute(sql`update sessions set ${sql.identifier(column)} = ${sql.identifier(column)} - ${interval}::interval
    where user_id = ${user.userId}`);

const ENDINGS: Record<string, (ending: Ending) => Promise<unknown>> = {
  'signing out': ({ where, user }) => call(where, 'signOut', { args: [], cookies: user.cookies }),
  'signing out everywhere else': ({ where, other }) =>
    call(where, 'signOutElsewhere', { args: [], cookies: other }),
  'an administrator, who signs the user out': ({ where, user, administrator }) =>
    call(where, 'signUserOutEverywhere', { args: [{ id: user.userId }], cookies: administrator }),
  deactivation: (ending) => save(ending, { active: false }),
  'a change of role': (ending) => save(ending, { role: 'settings_viewer' }),
  'a change of password in another browser': ({ where, other }) =>
    call(where, 'changeOwnPassword', {
      args: [{ present: PASSWORD, password: 'a quiet lamp on the stairs' }],
      cookies: other,
    }),
  '30 idle minutes': (ending) => age(ending, 'last_seen_at', '30 minutes'),
  '12 hours': (ending) => age(ending, 'created_at', '12 hours'),
};

for (const [ending, end] of Object.entries(ENDINGS)) {
  callerTest(
    `a session is refused from the next request on after ${ending}`,
    async ({ where, database, newCaller, apiAccount }) => {
      const { id, email } = await apiAccount();
      const user = await newCaller('settings_administrator');
      const { cookies } = user;
      const { cookies: other } = await insertSession(database, user);
      const { cookies: administrator } = await newCaller('settings_administrator');
      const headers = { ...own(where), cookie: cookieOf(cookies) };
      const page = () => send(where.webUrl, { path: `${LIST}?search=${encodeURIComponent(email)}`, headers });
      const route = () => send(where.webUrl, { path: `${LIST}/${id}/timeline`, headers });
      const action = () => call(where, 'loadUsage', { args: [{ id }], cookies });
      expect((await page()).text).toContain(id);
      expect((await route()).status).toBe(200);
      expect(await action()).toContain('"ok":true');

      await end({ where, database, user, administrator, other });
      const requests = [page, route, action];
      await forEachConcurrently(Array(REQUESTS).keys(), async (turn) => {
        const answer = await requests[turn % requests.length]?.();
        if (typeof answer === 'string') expect(answer).toContain('signed_out');
        else if (turn % requests.length === 1) expect(answer?.status).toBe(401);
        else expect(answer?.text).not.toContain(id);
      });
    },
  );
}
