import { sql } from 'drizzle-orm';
import { sampleAtScale } from '#lib/testing/sample.ts';
import { atScale, TEST_SEED } from '#lib/testing/scale.ts';
import { type BuiltRoute, builtPages, builtRoutes, methodsOf } from './fixtures/built-routes.ts';
import { cookieOf } from './fixtures/call-action.ts';
import { FOREIGN, own, REFUSED_CALLERS, REVOKED_ROLES, refusalsOf } from './fixtures/callers.ts';
import { forEachConcurrently, type HttpResponse, send } from './fixtures/requests.ts';
import { state } from './fixtures/state.ts';
import { stateOf } from './fixtures/strangers.ts';
import { type Subject, subjectTest } from './fixtures/subject.ts';
import { type Cookies, expect, test, type Where } from './fixtures/test.ts';
import { METHODS, WRONG_PATHS, WRONG_VALUES, wrongRequests } from './fixtures/wrong-requests.ts';

/** Full size is thousands of requests in each test. */
test.describe.configure({ timeout: atScale({ normal: 60_000, soak: 900_000 }) });

/** Whether a route handler is an administrator's; the others are public. */
const isForAdministrators = ({ name }: BuiltRoute) => name.startsWith('/settings/');

const withCookies = (cookies: Cookies | undefined) => (cookies ? { cookie: cookieOf(cookies) } : {});

function expectNothingShown(text: string, { details, person, invited }: Subject, what: string): void {
  for (const secret of [details.username, details.email, details.phone, person.email, invited.email])
    expect(text.includes(secret), what).toBe(false);
}

test('a route handler refuses each method that it does not export', async ({ where }) => {
  const routes = await builtRoutes();
  expect(routes.length).toBeGreaterThanOrEqual(4);
  await forEachConcurrently(routes, async (route) => {
    const exported = await methodsOf(where.webUrl, route);
    expect(exported.size, route.name).toBeGreaterThan(1);
    for (const method of METHODS.filter((name) => !exported.has(name))) {
      for (const value of ['x', '00000000-0000-7000-8000-000000000000']) {
        const path = route.pathWith(value);
        const { status } = await send(where.webUrl, { method, path, headers: own(where) });
        expect(status, `${method} ${path}`).toBe(405);
      }
    }
  });
});

/** Lists every wrong request to every route; at normal size a tenth, with each kind of request to each route. */
async function wrongRequestsToRoutes(subject: Subject) {
  const requests = (await builtRoutes()).flatMap((route) => {
    const values = [subject.id, ...WRONG_VALUES, ...(route.isCatchAll ? WRONG_PATHS : [])];
    const paths = new Set(values.map((value) => route.pathWith(value)));
    return [...paths].flatMap((path) => wrongRequests(path).map((request) => ({ route, request })));
  });
  return sampleAtScale(requests, ({ route, request }) => `${route.name} ${request.kind}`);
}

for (const kind of [...REFUSED_CALLERS, 'administrator'] as const) {
  subjectTest(
    `no route fails on a wrong request, or changes anything: ${kind}`,
    async ({ where, subject, database, newCaller, refusedCallers }) => {
      const isAdministrator = kind === 'administrator';
      const caller = isAdministrator ? await newCaller('settings_administrator') : refusedCallers[kind];
      const read = async () => [
        await state(database, subject),
        caller ? await stateOf(database, caller) : null,
      ];
      const before = await read();
      await forEachConcurrently(await wrongRequestsToRoutes(subject), async ({ request }) => {
        const headers = { ...own(where), ...withCookies(caller?.cookies), ...request.headers };
        const { status, text } = await send(where.webUrl, { ...request, headers });
        const what = `TEST_SEED=${TEST_SEED}: ${status} to ${JSON.stringify(request).slice(0, 300)}`;
        expect(status < 500, what).toBe(true);
        if (!isAdministrator) expectNothingShown(text, subject, what);
      });
      expect(await read()).toEqual(before);
    },
  );
}

type Asked = { route: BuiltRoute; response: HttpResponse; what: string };

/** Requests the subject from each route handler, by each method that it exports. */
async function askEach(
  where: Where,
  { subject, headers }: { subject: Subject; headers: Record<string, string> },
  check: (asked: Asked) => void,
): Promise<void> {
  await forEachConcurrently(await builtRoutes(), async (route) => {
    for (const method of await methodsOf(where.webUrl, route)) {
      if (method === 'OPTIONS') continue;
      // One query for all: a handler ignores or refuses what it does not know.
      const path = `${route.pathWith(subject.id)}?format=jsonl`;
      const response = await send(where.webUrl, { method, path, headers });
      check({ route, response, what: `${response.status} to ${method} ${route.name}` });
    }
  });
}

subjectTest('every settings route answers an administrator', async ({ where, subject, newCaller }) => {
  const { cookies } = await newCaller('settings_administrator');
  const headers = { ...own(where), ...withCookies(cookies) };
  await askEach(where, { subject, headers }, ({ route, response, what }) => {
    if (isForAdministrators(route)) expect(response.status, what).toBe(200);
  });
});

for (const [kind, { change, onRecord }] of Object.entries(REVOKED_ROLES)) {
  subjectTest(`no route does anything for ${kind}`, async ({ where, subject, database, newCaller }) => {
    const caller = await newCaller('settings_administrator');
    await database.execute(sql`update users set ${change} where id = ${caller.userId}`);
    const before = await state(database, subject);
    const headers = { ...own(where), ...withCookies(caller.cookies) };
    let recorded = 0;
    await askEach(where, { subject, headers }, ({ route, response: { status, text }, what }) => {
      expect([400, 401, 403, 404, 415], what).toContain(status);
      expectNothingShown(text, subject, what);
      if (onRecord && isForAdministrators(route)) recorded += 1;
    });
    expect(await refusalsOf(database, caller)).toBe(recorded);
    expect(recorded > 0).toBe(onRecord);
    expect(await state(database, subject)).toEqual(before);
  });
}

subjectTest(
  'no route does anything for an anonymous or foreign request',
  async ({ where, subject, database, newCaller }) => {
    const { userId, cookies } = await newCaller('settings_administrator');
    const before = [await state(database, subject), await stateOf(database, { userId })];
    const calls: Record<string, Record<string, string>> = {
      anonymous: own(where),
      'a subrequest': { ...own(where), 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' },
      ...Object.fromEntries(
        Object.entries(FOREIGN).map(([from, headers]) => [from, { ...headers, ...withCookies(cookies) }]),
      ),
    };
    for (const [caller, headers] of Object.entries(calls)) {
      await askEach(where, { subject, headers }, ({ response: { status, text }, what }) => {
        expect([400, 401, 403, 404, 415], `${what} by ${caller}`).toContain(status);
        expectNothingShown(text, subject, `${what} by ${caller}`);
      });
    }
    expect([await state(database, subject), await stateOf(database, { userId })]).toEqual(before);
  },
);

/** The ways in which a browser, or Next.js in it, requests a page. */
const PAGE_REQUESTS: Record<string, Record<string, string>> = {
  plain: {},
  'a component': { rsc: '1' },
  'a prefetch': { rsc: '1', 'next-router-prefetch': '1' },
  'a segment': { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' },
  'a subrequest': { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' },
  'a forged cookie': { cookie: '__Host-next-auth.session-token=eyJhbGciOiJub25lIn0.e30.' },
};

subjectTest(
  'no page shows an account or a user to a caller without a role, however it is requested',
  async ({ where, subject, database, newCaller, refusedCallers }) => {
    const search = encodeURIComponent(subject.details.username);
    const paths = (await builtPages())
      .filter((path) => path.startsWith('/settings') || path === '/outbox')
      .map((path) => `${path}?search=${search}&account=${subject.id}`);
    expect(paths.length).toBeGreaterThan(4);
    const { viewer: _, ...callers } = refusedCallers;
    const before = await state(database, subject);
    const combinations = Object.entries(callers).flatMap(([kind, caller]) =>
      Object.entries(PAGE_REQUESTS).flatMap(([way, more]) =>
        paths.map((path) => ({ kind, caller, way, more, path })),
      ),
    );
    await forEachConcurrently(combinations, async ({ kind, caller, way, more, path }) => {
      const headers = {
        'x-forwarded-for': own(where)['x-forwarded-for'],
        ...withCookies(caller?.cookies),
        ...more,
      };
      const { status, text } = await send(where.webUrl, { path, headers });
      // The page repeats what was searched for in its own address.
      const shown = text.replaceAll(search, '').replaceAll(subject.id, '');
      expect(status < 500, `${path} as ${way} by ${kind}`).toBe(true);
      for (const secret of [
        subject.details.email,
        subject.details.phone,
        subject.person.email,
        subject.invited.email,
      ])
        expect(shown.includes(secret), `${path} as ${way} by ${kind}`).toBe(false);
    });
    expect(await state(database, subject)).toEqual(before);
    // An administrator is shown them, so the responses above withhold something.
    const { cookies } = await newCaller('settings_administrator');
    const responses = await Promise.all(
      paths.map((path) => send(where.webUrl, { path, headers: withCookies(cookies) })),
    );
    const all = responses.map(({ text }) => text).join('\n');
    for (const shown of [subject.details.email, subject.person.email]) expect(all).toContain(shown);
  },
);
