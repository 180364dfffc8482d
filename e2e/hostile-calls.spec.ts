import { sql } from 'drizzle-orm';
import { sampleAtScale } from '#lib/testing/sample.ts';
import { TEST_SEED } from '#lib/testing/scale.ts';
import { builtRoutes } from './fixtures/built-routes.ts';
import {
  type Action,
  actionHeaders,
  builtAction,
  builtActions,
  callAction,
  cookieOf,
  isForAdministrators,
} from './fixtures/call-action.ts';
import { argumentsOf, own, REVOKED_ROLES, refusalsOf } from './fixtures/callers.ts';
import { forEachConcurrently, send } from './fixtures/requests.ts';
import { state } from './fixtures/state.ts';
import { stateOf } from './fixtures/strangers.ts';
import { subjectTest } from './fixtures/subject.ts';
import { expect } from './fixtures/test.ts';
import { spoiled, UNIFORM_RESPONSES, WRONG_SHAPES } from './fixtures/wrong-shapes.ts';

for (const [kind, { change, onRecord }] of Object.entries(REVOKED_ROLES)) {
  subjectTest(
    `no administrator's action does anything for ${kind}`,
    async ({ where, subject, database, newCaller }) => {
      const caller = await newCaller('settings_administrator');
      const actions = (await builtActions()).filter(isForAdministrators);
      const call = (action: Action) =>
        callAction({
          url: where.webUrl + action.page,
          action,
          args: argumentsOf(action, subject),
          cookies: caller.cookies,
          headers: own(where),
        });
      // Until the change the caller is allowed, so the refusals below are due to it.
      expect(await call(await builtAction('loadUsage'))).toContain('"ok":true');
      await database.execute(sql`update users set ${change} where id = ${caller.userId}`);
      const before = await state(database, subject);
      await forEachConcurrently(actions, async (action) => {
        const answer = await call(action);
        expect(answer.slice(0, 4), action.name).toBe('200 ');
        expect(answer.includes('"ok":false'), action.name).toBe(true);
        for (const email of [subject.details.email, subject.person.email, subject.invited.email])
          expect(answer.includes(email), action.name).toBe(false);
      });
      expect(await state(database, subject)).toEqual(before);
      // There are fewer actions than refusals that are recorded in an hour.
      expect(await refusalsOf(database, caller)).toBe(onRecord ? actions.length : 0);
    },
  );
}

subjectTest(
  'no action accepts arguments of a wrong shape, or fails on them',
  async ({ where, subject, database, newCaller }) => {
    const { cookies } = await newCaller('settings_administrator');
    const before = await state(database, subject);
    const calls = (await builtActions()).flatMap((action) => {
      const honest = argumentsOf(action, subject);
      // Without an argument there is no shape that could be wrong.
      if (honest.length === 0) return [];
      // A name with NUL, beside a link's token that allows no name.
      const named = action.name === 'setNewPassword' ? [[{ ...(honest[0] as object), name: 'a\u0000' }]] : [];
      return [...WRONG_SHAPES, ...spoiled(honest), ...named].map((args) => ({ action, args }));
    });
    await forEachConcurrently(
      sampleAtScale(calls, ({ action }) => action.name),
      async ({ action, args }) => {
        const url = where.webUrl + action.page;
        const answer = await callAction({ url, action, args, cookies, headers: own(where) });
        const what = `TEST_SEED=${TEST_SEED}: ${action.name} ${JSON.stringify(args).slice(0, 200)}`;
        expect(answer.slice(0, 4), what).toBe('200 ');
        if (!UNIFORM_RESPONSES.has(action.name)) expect(answer.includes('"ok":false'), what).toBe(true);
      },
    );
    expect(await state(database, subject)).toEqual(before);
  },
);

/** Requests that name an action but read a page: a link, an image or the router of Next.js can send them. */
const READS: Record<string, Record<string, string>> = {
  plain: {},
  'a component': { rsc: '1' },
  'a prefetch': { rsc: '1', 'next-router-prefetch': '1' },
  'a segment': { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' },
};

subjectTest(
  'no action runs on a GET, a HEAD, an RSC or a prefetch request',
  async ({ where, subject, database, newCaller }) => {
    const caller = await newCaller('settings_administrator');
    const read = async () => [await state(database, subject), await stateOf(database, caller)];
    const before = await read();
    const combinations = (await builtActions()).flatMap((action) =>
      Object.entries(READS).flatMap(([way, more]) =>
        ['GET', 'HEAD'].map((method) => ({ action, way, more, method })),
      ),
    );
    await forEachConcurrently(
      sampleAtScale(combinations, ({ action }) => action.name),
      async ({ action, way, more, method }) => {
        const headers = {
          ...own(where),
          ...actionHeaders(action),
          ...more,
          cookie: cookieOf(caller.cookies),
        };
        const body = JSON.stringify(argumentsOf(action, subject));
        const { status, text } = await send(where.webUrl, { method, path: action.page, headers, body });
        const what = `TEST_SEED=${TEST_SEED}: ${method} as ${way} of ${action.name}`;
        expect(status < 500, what).toBe(true);
        expect(text, what).not.toContain('"ok":true');
      },
    );
    expect(await read()).toEqual(before);
  },
);

const TEN_MEGABYTES = Buffer.from(`[{"id":"${'x'.repeat(10 * 1024 * 1024)}"}]`);

subjectTest('no action and no route reads ten megabytes', async ({ where, subject, database, newCaller }) => {
  const { cookies } = await newCaller('settings_administrator');
  const before = await state(database, subject);
  const headers = { ...own(where), cookie: cookieOf(cookies) };
  const toActions = (await builtActions()).map((action) => ({
    path: '/reveal',
    headers: { ...headers, ...actionHeaders(action) },
    what: action.name,
  }));
  const routes = await builtRoutes();
  expect(routes.length).toBeGreaterThanOrEqual(4);
  const toRoutes = routes.flatMap((route) =>
    ['application/json', 'application/x-www-form-urlencoded'].map((type) => ({
      path: route.pathWith(route.isCatchAll ? 'callback/credentials' : subject.id),
      headers: { ...headers, 'content-type': type },
      what: `${route.name} ${type}`,
    })),
  );
  await forEachConcurrently([...toActions, ...toRoutes], async ({ what, ...request }) => {
    // The server may close the connection before it has read everything.
    const status = await send(where.webUrl, { method: 'POST', body: TEN_MEGABYTES, ...request }).then(
      (response) => response.status,
      () => null,
    );
    expect([null, 413], what).toContain(status);
  });
  expect(await state(database, subject)).toEqual(before);
  expect((await send(where.webUrl, { path: '/healthz' })).status).toBe(200);
});
