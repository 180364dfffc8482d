import assert from 'node:assert/strict';
import { sql } from 'drizzle-orm';
import { sampleAtScale } from '#lib/testing/sample.ts';
import { atScale, TEST_SEED } from '#lib/testing/scale.ts';
import { type BuiltRoute, listMethods, listPages, listRoutes } from './fixtures/built-routes.ts';
import {
  CROSS_ORIGIN_HEADERS,
  countRefusals,
  createSameOriginHeaders,
  REFUSED_CALLERS,
  REVOCATIONS,
} from './fixtures/callers.ts';
import { AUTH_PATHS, createMalformedRequests, INVALID_IDS, METHODS } from './fixtures/malformed-requests.ts';
import { createCookieHeaders, forEachConcurrently, type HttpResponse, send } from './fixtures/requests.ts';
import { readTargetState, readUserState } from './fixtures/state.ts';
import { type Target, targetTest } from './fixtures/target.ts';
import { expect, type Installation, test } from './fixtures/test.ts';

// At soak size, each test sends thousands of requests.
test.describe.configure({ timeout: atScale({ normal: 60_000, soak: 900_000 }) });

/** The statuses of a refused request. */
const REFUSALS = new Set([400, 401, 403, 404, 415]);

/** Returns whether a route handler requires an administrator. All others are public. */
const requiresAdministrator = ({ name }: BuiltRoute) => name.startsWith('/settings/');

/** Expects that a response contains no personal data of the target. */
function expectNoPersonalData(
  text: string,
  { details, otherUser, invited }: Target,
  description: string,
): void {
  for (const value of [details.username, details.email, details.phone, otherUser.email, invited.email])
    assert(!text.includes(value), description);
}

/** Lists malformed requests to every route: all at soak size, a tenth of each kind to each route at normal size. */
async function listMalformedRequests(target: Target) {
  const requests = (await listRoutes()).flatMap((route) => {
    const parameters = [target.id, ...INVALID_IDS, ...(route.isCatchAll ? AUTH_PATHS : [])];
    const paths = new Set(parameters.map((parameter) => route.buildPath(parameter)));
    return [...paths].flatMap((path) => createMalformedRequests(path).map((request) => ({ route, request })));
  });
  return sampleAtScale(requests, ({ route, request }) => `${route.name} ${request.kind}`);
}

type RouteResponse = { route: BuiltRoute; response: HttpResponse; description: string };

/** Requests the target from each route handler, with each method that it exports, except OPTIONS. */
async function requestFromEachRoute(
  installation: Installation,
  { target, headers }: { target: Target; headers: Record<string, string> },
  check: (result: RouteResponse) => void,
): Promise<void> {
  await forEachConcurrently(await listRoutes(), async (route) => {
    for (const method of await listMethods(installation.webUrl, route)) {
      if (method === 'OPTIONS') continue;
      // Sends the same query to all routes: a handler ignores or refuses parameters that it does not know.
      const path = `${route.buildPath(target.id)}?format=jsonl`;
      const response = await send(installation.webUrl, { method, path, headers });
      check({ route, response, description: `${response.status} to ${method} ${route.name}` });
    }
  });
}

/** Headers with which a browser, Next.js or an attacker requests a page. */
const PAGE_REQUEST_HEADERS: Record<string, Record<string, string>> = {
  plain: {},
  'a component': { rsc: '1' },
  'a prefetch': { rsc: '1', 'next-router-prefetch': '1' },
  'a segment': { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' },
  // Made earlier versions of Next.js skip the middleware, in which many applications authorize.
  'a subrequest': { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' },
  // An unsigned JWT in the session cookie. Its name has no `__Host-`, because the URL is `http://localhost`.
  'a forged cookie': { cookie: 'stagedoor.session=eyJhbGciOiJub25lIn0.e30.' },
};

test.describe('pages and route handlers', () => {
  test('refuses methods that a route handler does not export', async ({ installation }) => {
    const routes = await listRoutes();
    expect(routes.length).toBeGreaterThanOrEqual(4);
    await forEachConcurrently(routes, async (route) => {
      const exported = await listMethods(installation.webUrl, route);
      expect(exported.size, route.name).toBeGreaterThan(1);
      for (const method of METHODS.filter((name) => !exported.has(name))) {
        for (const parameter of ['x', '00000000-0000-7000-8000-000000000000']) {
          const path = route.buildPath(parameter);
          const { status } = await send(installation.webUrl, {
            method,
            path,
            headers: createSameOriginHeaders(installation),
          });
          assert.equal(status, 405, `${status} to ${method} ${path}`);
        }
      }
    });
  });

  for (const [index, kind] of [...REFUSED_CALLERS, 'administrator' as const].entries()) {
    targetTest(
      `responds to malformed requests without a server error or a change: ${kind}`,
      async ({ installation, target, database, newCaller, refusedCallers }) => {
        const isAdministrator = kind === 'administrator';
        const caller = isAdministrator ? await newCaller('settings_administrator') : refusedCallers[kind];
        const read = async () => [
          await readTargetState(database, target),
          caller ? await readUserState(database, caller) : null,
        ];
        const before = await read();
        const requests = await listMalformedRequests(target);
        // At normal size, the refused callers share the requests, and an administrator sends all of them.
        const shared = requests.filter((_, position) => position % REFUSED_CALLERS.length === index);
        const sent = atScale({ normal: isAdministrator ? requests : shared, soak: requests });
        await forEachConcurrently(sent, async ({ request }) => {
          const headers = {
            ...createSameOriginHeaders(installation),
            ...createCookieHeaders(caller?.cookies),
            ...request.headers,
          };
          const { status, text } = await send(installation.webUrl, { ...request, headers });
          const description = `TEST_SEED=${TEST_SEED}: ${status} to ${JSON.stringify(request).slice(0, 300)}`;
          assert(status < 500, description);
          if (!isAdministrator) expectNoPersonalData(text, target, description);
        });
        expect(await read()).toEqual(before);
      },
    );
  }

  targetTest(
    'accepts an administrator on every settings route',
    async ({ installation, target, newCaller }) => {
      const { cookies } = await newCaller('settings_administrator');
      const headers = { ...createSameOriginHeaders(installation), ...createCookieHeaders(cookies) };
      await requestFromEachRoute(installation, { target, headers }, ({ route, response, description }) => {
        if (requiresAdministrator(route)) expect(response.status, description).toBe(200);
      });
    },
  );

  for (const [kind, { change, isRecorded }] of Object.entries(REVOCATIONS)) {
    targetTest(`refuses every route to ${kind}`, async ({ installation, target, database, newCaller }) => {
      const caller = await newCaller('settings_administrator');
      await database.execute(sql`update users set ${change} where id = ${caller.userId}`);
      const before = await readTargetState(database, target);
      const headers = { ...createSameOriginHeaders(installation), ...createCookieHeaders(caller.cookies) };
      let expectedRefusals = 0;
      await requestFromEachRoute(
        installation,
        { target, headers },
        ({ route, response: { status, text }, description }) => {
          assert(REFUSALS.has(status), description);
          expectNoPersonalData(text, target, description);
          if (isRecorded && requiresAdministrator(route)) expectedRefusals += 1;
        },
      );
      expect(await countRefusals(database, caller)).toBe(expectedRefusals);
      expect(expectedRefusals > 0).toBe(isRecorded);
      expect(await readTargetState(database, target)).toEqual(before);
    });
  }

  targetTest(
    'refuses every route to anonymous and cross-origin requests',
    async ({ installation, target, database, newCaller }) => {
      const { userId, cookies } = await newCaller('settings_administrator');
      const before = [await readTargetState(database, target), await readUserState(database, { userId })];
      const calls: Record<string, Record<string, string>> = {
        anonymous: createSameOriginHeaders(installation),
        'a subrequest': {
          ...createSameOriginHeaders(installation),
          'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy',
        },
        ...Object.fromEntries(
          Object.entries(CROSS_ORIGIN_HEADERS).map(([from, headers]) => [
            from,
            { ...headers, ...createCookieHeaders(cookies) },
          ]),
        ),
      };
      for (const [caller, headers] of Object.entries(calls)) {
        await requestFromEachRoute(
          installation,
          { target, headers },
          ({ response: { status, text }, description }) => {
            assert(REFUSALS.has(status), `${description} by ${caller}`);
            expectNoPersonalData(text, target, `${description} by ${caller}`);
          },
        );
      }
      expect([await readTargetState(database, target), await readUserState(database, { userId })]).toEqual(
        before,
      );
    },
  );

  targetTest(
    'shows no account or user on any page to a caller without a session or a role',
    async ({ installation, target, database, newCaller, refusedCallers }) => {
      const search = encodeURIComponent(target.details.username);
      const paths = (await listPages())
        .filter((path) => path.startsWith('/settings') || path === '/outbox')
        .map((path) => `${path.replace(/\/x$/, `/${target.id}`)}?search=${search}&account=${target.id}`);
      expect(paths.length).toBeGreaterThan(4);
      const { viewer: _, ...callers } = refusedCallers;
      const before = await readTargetState(database, target);
      const combinations = Object.entries(callers).flatMap(([kind, caller]) =>
        Object.entries(PAGE_REQUEST_HEADERS).flatMap(([request, extraHeaders]) =>
          paths.map((path) => ({ kind, caller, request, extraHeaders, path })),
        ),
      );
      const sampled = sampleAtScale(combinations, ({ kind, request }) => `${kind} ${request}`);
      await forEachConcurrently(sampled, async ({ kind, caller, request, extraHeaders, path }) => {
        const headers = {
          'x-forwarded-for': createSameOriginHeaders(installation)['x-forwarded-for'],
          ...createCookieHeaders(caller?.cookies),
          ...extraHeaders,
        };
        const { status, text } = await send(installation.webUrl, { path, headers });
        // The page repeats its own URL, with the search and the id.
        const content = text.replaceAll(search, '').replaceAll(target.id, '');
        assert(status < 500, `${path} as ${request} by ${kind}`);
        for (const value of [
          target.details.email,
          target.details.phone,
          target.otherUser.email,
          target.invited.email,
        ])
          assert(!content.includes(value), `${path} as ${request} by ${kind}`);
      });
      expect(await readTargetState(database, target)).toEqual(before);
      // The pages do show accounts and users to an administrator.
      const { cookies } = await newCaller('settings_administrator');
      const responses = await Promise.all(
        paths.map((path) => send(installation.webUrl, { path, headers: createCookieHeaders(cookies) })),
      );
      const content = responses.map(({ text }) => text).join('\n');
      for (const email of [target.details.email, target.otherUser.email]) expect(content).toContain(email);
    },
  );
});
