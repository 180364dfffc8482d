import assert from 'node:assert/strict';
import { sql } from 'drizzle-orm';
import { sampleAtScale } from '#lib/testing/sample.ts';
import { TEST_SEED } from '#lib/testing/scale.ts';
import { listRoutes } from './fixtures/built-routes.ts';
import {
  type Action,
  createActionHeaders,
  findAction,
  listActions,
  requiresAdministrator,
} from './fixtures/call-action.ts';
import {
  callFromPage,
  countRefusals,
  createSameOriginHeaders,
  getValidArguments,
  REVOCATIONS,
} from './fixtures/callers.ts';
import {
  corruptFields,
  MALFORMED_ARGUMENTS,
  UNIFORM_RESPONSE_ACTIONS,
} from './fixtures/malformed-arguments.ts';
import { createCookieHeaders, forEachConcurrently, send } from './fixtures/requests.ts';
import { readTargetState, readUserState } from './fixtures/state.ts';
import { targetTest } from './fixtures/target.ts';
import { expect } from './fixtures/test.ts';

/** Headers with which a link, an image or the router of Next.js can request a page. */
const PAGE_REQUEST_HEADERS: Record<string, Record<string, string>> = {
  plain: {},
  'a component': { rsc: '1' },
  'a prefetch': { rsc: '1', 'next-router-prefetch': '1' },
  'a segment': { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' },
};

const TEN_MEGABYTES = Buffer.from(`[{"id":"${'x'.repeat(10 * 1024 * 1024)}"}]`);

targetTest.describe('server actions', () => {
  for (const [kind, { change, isRecorded }] of Object.entries(REVOCATIONS)) {
    targetTest(
      `refuses every action for administrators to ${kind}`,
      async ({ installation, target, database, newCaller }) => {
        const caller = await newCaller('settings_administrator');
        const actions = (await listActions()).filter(requiresAdministrator);
        const call = (action: Action) =>
          callFromPage(installation, {
            action,
            args: getValidArguments(action, target),
            cookies: caller.cookies,
          });
        // The caller is allowed before the change, so the change causes the refusals below.
        expect(await call(await findAction('loadUsage'))).toContain('"ok":true');
        await database.execute(sql`update users set ${change} where id = ${caller.userId}`);
        const before = await readTargetState(database, target);
        await forEachConcurrently(actions, async (action) => {
          const response = await call(action);
          assert.equal(response.slice(0, 4), '200 ', action.name);
          assert(response.includes('"ok":false'), action.name);
          for (const email of [target.details.email, target.otherUser.email, target.invited.email])
            assert(!response.includes(email), action.name);
        });
        expect(await readTargetState(database, target)).toEqual(before);
        // The audit log records at most 20 refusals of a user per hour.
        expect(await countRefusals(database, caller)).toBe(isRecorded ? Math.min(actions.length, 20) : 0);
      },
    );
  }

  targetTest(
    'refuses malformed arguments to every action',
    async ({ installation, target, database, newCaller }) => {
      const { cookies } = await newCaller('settings_administrator');
      const before = await readTargetState(database, target);
      const calls = (await listActions()).flatMap((action) => {
        const valid = getValidArguments(action, target);
        if (valid.length === 0) return [];
        // `setNewPassword` has an optional name, which its valid argument omits.
        const withMalformedName =
          action.name === 'setNewPassword' ? [[{ ...(valid[0] as object), name: 'x'.repeat(2_000) }]] : [];
        return [...MALFORMED_ARGUMENTS, ...corruptFields(valid), ...withMalformedName].map((args) => ({
          action,
          args,
        }));
      });
      await forEachConcurrently(
        sampleAtScale(calls, ({ action }) => action.name),
        async ({ action, args }) => {
          const response = await callFromPage(installation, { action, args, cookies });
          const description = `TEST_SEED=${TEST_SEED}: ${action.name} ${JSON.stringify(args).slice(0, 200)}`;
          assert.equal(response.slice(0, 4), '200 ', description);
          if (!UNIFORM_RESPONSE_ACTIONS.has(action.name))
            assert(response.includes('"ok":false'), description);
        },
      );
      expect(await readTargetState(database, target)).toEqual(before);
    },
  );

  targetTest(
    'runs no action on a GET, HEAD, RSC or prefetch request',
    async ({ installation, target, database, newCaller }) => {
      const caller = await newCaller('settings_administrator');
      const read = async () => [
        await readTargetState(database, target),
        await readUserState(database, caller),
      ];
      const before = await read();
      const combinations = (await listActions()).flatMap((action) =>
        Object.entries(PAGE_REQUEST_HEADERS).flatMap(([kind, extraHeaders]) =>
          ['GET', 'HEAD'].map((method) => ({ action, kind, extraHeaders, method })),
        ),
      );
      await forEachConcurrently(
        sampleAtScale(combinations, ({ action }) => action.name),
        async ({ action, kind, extraHeaders, method }) => {
          const headers = {
            ...createSameOriginHeaders(installation),
            ...createActionHeaders(action),
            ...extraHeaders,
            ...createCookieHeaders(caller.cookies),
          };
          const body = JSON.stringify(getValidArguments(action, target));
          const { status, text } = await send(installation.webUrl, {
            method,
            path: action.page,
            headers,
            body,
          });
          const description = `TEST_SEED=${TEST_SEED}: ${method} as ${kind} of ${action.name}`;
          assert(status < 500, description);
          assert(!text.includes('"ok":true'), description);
        },
      );
      expect(await read()).toEqual(before);
    },
  );

  targetTest(
    'refuses a body of ten megabytes to every action and route',
    async ({ installation, target, database, newCaller }) => {
      const { cookies } = await newCaller('settings_administrator');
      const before = await readTargetState(database, target);
      const headers = { ...createSameOriginHeaders(installation), ...createCookieHeaders(cookies) };
      const toActions = (await listActions()).map((action) => ({
        // The size is checked before Next.js reads the path, so one page is enough.
        path: '/reveal',
        headers: { ...headers, ...createActionHeaders(action) },
        description: action.name,
      }));
      const routes = await listRoutes();
      expect(routes.length).toBeGreaterThanOrEqual(4);
      const toRoutes = routes.flatMap((route) =>
        ['application/json', 'application/x-www-form-urlencoded'].map((type) => ({
          path: route.buildPath(route.isCatchAll ? 'callback/credentials' : target.id),
          headers: { ...headers, 'content-type': type },
          description: `${route.name} ${type}`,
        })),
      );
      await forEachConcurrently([...toActions, ...toRoutes], async ({ description, ...request }) => {
        // The server may close the connection before it has read the whole body.
        const status = await send(installation.webUrl, {
          method: 'POST',
          body: TEN_MEGABYTES,
          ...request,
        }).then(
          (response) => response.status,
          () => null,
        );
        assert(status === null || status === 413, `${status} to ${description}`);
      });
      expect(await readTargetState(database, target)).toEqual(before);
      expect((await send(installation.webUrl, { path: '/healthz' })).status).toBe(200);
    },
  );
});
