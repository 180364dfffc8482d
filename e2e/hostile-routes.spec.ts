import { sql } from 'drizzle-orm';
import { type BuiltRoute, builtRoutes, methodsOf } from './fixtures/built-routes.ts';
import { cookieOf, FOREIGN, own, refusalsOf, someCaller, TAKEN_AWAY } from './fixtures/callers.ts';
import { state } from './fixtures/state.ts';
import { stateOf } from './fixtures/strangers.ts';
import { type Subject, subjectTest } from './fixtures/subject.ts';
import { expect, test, type Where } from './fixtures/test.ts';
import { METHODS, send, WRONG_PATHS, WRONG_VALUES, wrongRequests } from './fixtures/wrong-requests.ts';

/** Whether a route handler is an administrator's; the others are public. */
const isForAdministrators = ({ name }: BuiltRoute) => name.startsWith('/settings/');

function expectNothingShown(text: string, { details, person, invited }: Subject, what: string): void {
  for (const secret of [details.username, details.email, details.phone, person.email, invited.email])
    expect(text.includes(secret), what).toBe(false);
}

test('a route handler answers no method that it does not export', async ({ where }) => {
  const routes = await builtRoutes();
  expect(routes.length).toBeGreaterThanOrEqual(4);
  for (const route of routes) {
    const exported = await methodsOf(where.webUrl, route);
    expect(exported.size, route.name).toBeGreaterThan(1);
    for (const method of METHODS.filter((name) => !exported.has(name))) {
      for (const value of ['x', '00000000-0000-7000-8000-000000000000']) {
        const path = route.pathWith(value);
        const { status } = await send(where.webUrl, { method, path, headers: own(where) });
        expect(status, `${method} ${path}`).toBe(405);
      }
    }
  }
});

for (const who of ['nobody', 'settings_viewer', 'settings_administrator'] as const) {
  subjectTest(
    `no route fails of a wrong request by ${who}, or changes anything`,
    async ({ where, subject, database, openPage, newUser }) => {
      // Thousands of requests.
      test.setTimeout(240_000);
      const role = who === 'nobody' ? null : who;
      const caller = await someCaller({ openPage, newUser, database }, role);
      const cookies = who === 'nobody' ? {} : { cookie: cookieOf(caller.cookies) };
      const before = [await state(database, subject), await stateOf(database, caller)];
      for (const route of await builtRoutes()) {
        const values = [subject.id, ...WRONG_VALUES, ...(route.isCatchAll ? WRONG_PATHS : [])];
        const paths = new Set(values.map((value) => route.pathWith(value)));
        for (const wrong of [...paths].flatMap(wrongRequests)) {
          const headers = { ...own(where), ...cookies, ...wrong.headers };
          const { status, text } = await send(where.webUrl, { ...wrong, headers });
          const what = `${status} to ${JSON.stringify(wrong).slice(0, 300)}`;
          expect(status < 500, what).toBe(true);
          if (who !== 'settings_administrator') expectNothingShown(text, subject, what);
        }
      }
      expect([await state(database, subject), await stateOf(database, caller)]).toEqual(before);
    },
  );
}

/** Asks each route handler for somebody's account, by each method that it exports. */
async function* askEach(where: Where, subject: Subject, headers: Record<string, string>) {
  for (const route of await builtRoutes()) {
    for (const method of await methodsOf(where.webUrl, route)) {
      if (method === 'OPTIONS') continue;
      // One query for all: what a handler does not know it ignores, or refuses.
      const path = `${route.pathWith(subject.id)}?format=jsonl`;
      const { status, text } = await send(where.webUrl, { method, path, headers });
      const what = `${status} to ${method} ${route.name}`;
      yield { route, status, text, what };
    }
  }
}

subjectTest(
  'an administrator is answered: so the refusals below mean something',
  async ({ where, subject, administratorCookies }) => {
    const headers = { ...own(where), cookie: cookieOf(administratorCookies) };
    for await (const { route, status, what } of askEach(where, subject, headers))
      if (isForAdministrators(route)) expect(status, what).toBe(200);
  },
);

for (const [caller, { change, onRecord }] of Object.entries(TAKEN_AWAY)) {
  subjectTest(
    `no route does anything for ${caller}`,
    async ({ where, subject, database, openPage, newUser }) => {
      const known = await someCaller({ openPage, newUser, database }, 'settings_administrator');
      await database.execute(sql`update users set ${change} where id = ${known.userId}`);
      const before = await state(database, subject);
      const headers = { ...own(where), cookie: cookieOf(known.cookies) };
      let recorded = 0;
      for await (const { route, status, text, what } of askEach(where, subject, headers)) {
        expect([400, 401, 403, 404, 415], what).toContain(status);
        expectNothingShown(text, subject, what);
        if (onRecord && isForAdministrators(route)) recorded += 1;
        expect(await refusalsOf(database, known), what).toBe(recorded);
      }
      expect(recorded > 0).toBe(onRecord);
      expect(await state(database, subject)).toEqual(before);
    },
  );
}

subjectTest(
  'no route does anything for nobody, or when asked from elsewhere',
  async ({ where, subject, database, openPage, newUser }) => {
    const known = await someCaller({ openPage, newUser, database }, 'settings_administrator');
    const before = [await state(database, subject), await stateOf(database, known)];
    const cookie = cookieOf(known.cookies);
    const calls: Record<string, Record<string, string>> = {
      nobody: own(where),
      'a subrequest': { ...own(where), 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' },
      ...Object.fromEntries(Object.entries(FOREIGN).map(([from, headers]) => [from, { ...headers, cookie }])),
    };
    for (const [caller, headers] of Object.entries(calls)) {
      for await (const { status, text, what } of askEach(where, subject, headers)) {
        expect([400, 401, 403, 404, 415], `${what} by ${caller}`).toContain(status);
        expectNothingShown(text, subject, `${what} by ${caller}`);
      }
    }
    expect([await state(database, subject), await stateOf(database, known)]).toEqual(before);
  },
);
