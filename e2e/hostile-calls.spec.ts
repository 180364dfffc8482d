import { sql } from 'drizzle-orm';
import { sampleAtScale } from '#lib/testing/sample.ts';
import { TEST_SEED } from '#lib/testing/scale.ts';
import { listRoutes } from './fixtures/built-routes.ts';
import {
  type Action,
  actionHeaders,
  findAction,
  listActions,
  requiresAdministrator,
} from './fixtures/call-action.ts';
import {
  callFromPage,
  countRefusals,
  REVOKED_ROLES,
  sameOriginHeaders,
  validArguments,
} from './fixtures/callers.ts';
import { corruptFields, MALFORMED_ARGUMENTS, UNIFORM_RESPONSES } from './fixtures/malformed-arguments.ts';
import { cookieHeaders, forEachConcurrently, send } from './fixtures/requests.ts';
import { readState, readUserState } from './fixtures/state.ts';
import { targetTest } from './fixtures/target.ts';
import { expect } from './fixtures/test.ts';

/** Headers of requests that read a page. A link, an image or the router of Next.js can send such a request. */
const PAGE_REQUESTS: Record<string, Record<string, string>> = {
  plain: {},
  'a component': { rsc: '1' },
  'a prefetch': { rsc: '1', 'next-router-prefetch': '1' },
  'a segment': { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' },
};

const TEN_MEGABYTES = Buffer.from(`[{"id":"${'x'.repeat(10 * 1024 * 1024)}"}]`);

targetTest.describe('server actions', () => {
  for (const [kind, { change, isRecorded }] of Object.entries(REVOKED_ROLES)) {
    targetTest(
      `refuses every administrator's action to ${kind}`,
      async ({ installation, target, database, newCaller }) => {
        const caller = await newCaller('settings_administrator');
        const actions = (await listActions()).filter(requiresAdministrator);
        const call = (action: Action) =>
          callFromPage(installation, {
            action,
            args: validArguments(action, target),
            cookies: caller.cookies,
          });
        // The caller is allowed before the change, so the refusals below are due to it.
        expect(await call(await findAction('loadUsage'))).toContain('"ok":true');
        await database.execute(sql`update users set ${change} where id = ${caller.userId}`);
        const before = await readState(database, target);
        await forEachConcurrently(actions, async (action) => {
          const response = await call(action);
          expect(response.slice(0, 4), action.name).toBe('200 ');
          expect(response.includes('"ok":false'), action.name).toBe(true);
          for (const email of [target.details.email, target.otherUser.email, target.invited.email])
            expect(response.includes(email), action.name).toBe(false);
        });
        expect(await readState(database, target)).toEqual(before);
        // All are recorded, because there are fewer actions than the limit per hour.
        expect(await countRefusals(database, caller)).toBe(isRecorded ? actions.length : 0);
      },
    );
  }

  targetTest(
    'refuses malformed arguments to every action',
    async ({ installation, target, database, newCaller }) => {
      const { cookies } = await newCaller('settings_administrator');
      const before = await readState(database, target);
      const calls = (await listActions()).flatMap((action) => {
        const valid = validArguments(action, target);
        if (valid.length === 0) return [];
        // `setNewPassword` has an optional name, which its valid argument omits.
        const named =
          action.name === 'setNewPassword' ? [[{ ...(valid[0] as object), name: 'a\u0000' }]] : [];
        return [...MALFORMED_ARGUMENTS, ...corruptFields(valid), ...named].map((args) => ({ action, args }));
      });
      await forEachConcurrently(
        sampleAtScale(calls, ({ action }) => action.name),
        async ({ action, args }) => {
          const response = await callFromPage(installation, { action, args, cookies });
          const what = `TEST_SEED=${TEST_SEED}: ${action.name} ${JSON.stringify(args).slice(0, 200)}`;
          expect(response.slice(0, 4), what).toBe('200 ');
          if (!UNIFORM_RESPONSES.has(action.name)) expect(response.includes('"ok":false'), what).toBe(true);
        },
      );
      expect(await readState(database, target)).toEqual(before);
    },
  );

  targetTest(
    'runs no action on a GET, HEAD, RSC or prefetch request',
    async ({ installation, target, database, newCaller }) => {
      const caller = await newCaller('settings_administrator');
      const read = async () => [await readState(database, target), await readUserState(database, caller)];
      const before = await read();
      const combinations = (await listActions()).flatMap((action) =>
        Object.entries(PAGE_REQUESTS).flatMap(([kind, extraHeaders]) =>
          ['GET', 'HEAD'].map((method) => ({ action, kind, extraHeaders, method })),
        ),
      );
      await forEachConcurrently(
        sampleAtScale(combinations, ({ action }) => action.name),
        async ({ action, kind, extraHeaders, method }) => {
          const headers = {
            ...sameOriginHeaders(installation),
            ...actionHeaders(action),
            ...extraHeaders,
            ...cookieHeaders(caller.cookies),
          };
          const body = JSON.stringify(validArguments(action, target));
          const { status, text } = await send(installation.webUrl, {
            method,
            path: action.page,
            headers,
            body,
          });
          const what = `TEST_SEED=${TEST_SEED}: ${method} as ${kind} of ${action.name}`;
          expect(status < 500, what).toBe(true);
          expect(text, what).not.toContain('"ok":true');
        },
      );
      expect(await read()).toEqual(before);
    },
  );

  targetTest(
    'refuses a body of ten megabytes to every action and route',
    async ({ installation, target, database, newCaller }) => {
      const { cookies } = await newCaller('settings_administrator');
      const before = await readState(database, target);
      const headers = { ...sameOriginHeaders(installation), ...cookieHeaders(cookies) };
      const toActions = (await listActions()).map((action) => ({
        path: '/reveal',
        headers: { ...headers, ...actionHeaders(action) },
        what: action.name,
      }));
      const routes = await listRoutes();
      expect(routes.length).toBeGreaterThanOrEqual(4);
      const toRoutes = routes.flatMap((route) =>
        ['application/json', 'application/x-www-form-urlencoded'].map((type) => ({
          path: route.pathWith(route.isCatchAll ? 'callback/credentials' : target.id),
          headers: { ...headers, 'content-type': type },
          what: `${route.name} ${type}`,
        })),
      );
      await forEachConcurrently([...toActions, ...toRoutes], async ({ what, ...request }) => {
        // The server may close the connection before it has read the whole body.
        const status = await send(installation.webUrl, {
          method: 'POST',
          body: TEN_MEGABYTES,
          ...request,
        }).then(
          (response) => response.status,
          () => null,
        );
        expect([null, 413], what).toContain(status);
      });
      expect(await readState(database, target)).toEqual(before);
      expect((await send(installation.webUrl, { path: '/healthz' })).status).toBe(200);
    },
  );
});
