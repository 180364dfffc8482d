import assert from 'node:assert/strict';
import { sampleAtScale } from '#lib/testing/sample.ts';
import { TEST_SEED } from '#lib/testing/scale.ts';
import { VALID_ARGUMENTS } from './fixtures/action-arguments.ts';
import { callAction, findAction, listActions, requiresAdministrator } from './fixtures/call-action.ts';
import {
  CROSS_ORIGIN_HEADERS,
  callFromPage,
  countRefusals,
  createSameOriginHeaders,
  getValidArguments,
} from './fixtures/callers.ts';
import { ACCOUNTS_PATH } from './fixtures/pages.ts';
import { forEachConcurrently } from './fixtures/requests.ts';
import { readTargetState, readUserState } from './fixtures/state.ts';
import { targetTest } from './fixtures/target.ts';
import { expect, test } from './fixtures/test.ts';

/** The header that made earlier versions of Next.js skip the middleware, in which many applications authorize. */
const SUBREQUEST_HEADERS = {
  'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware',
};

test.describe('server actions', () => {
  test('has valid arguments for every action of the build', async () => {
    const actions = await listActions();
    expect(actions.map(({ name }) => name).toSorted()).toEqual(Object.keys(VALID_ARGUMENTS).toSorted());
  });

  // The next two tests show, for some of the actions, that the calls refused below are otherwise valid.
  targetTest(
    'accepts calls about API accounts and access tokens from a page',
    async ({ installation, newTarget, database, newCaller }) => {
      const target = await newTarget();
      const { cookies } = await newCaller('settings_administrator');
      const before = await readTargetState(database, target);
      for (const name of [
        'createAccount',
        'resendDelivery',
        'readCodeOut',
        'reportInteraction',
        'showKey',
        'submitChangeReport',
        'resolveChangeReport',
        'createAccessToken',
        'revokeAccessToken',
      ]) {
        const action = await findAction(name);
        const args = getValidArguments(action, target);
        expect(await callFromPage(installation, { action, args, cookies })).toMatch(/^200 /);
      }
      const after = await readTargetState(database, target);
      expect(after).not.toEqual(before);
      expect(after).toMatchObject({
        newAccount: [{}],
        accessTokens: [{ revoked_at: expect.anything() }, { revoked_at: null }],
        contactChanges: [{ reported_at: expect.anything() }, { resolved_at: expect.anything() }],
        // `reportInteraction` recorded the first pointer or keyboard input on the opened page.
        openings: [{ touched_at: expect.anything() }],
      });
    },
  );

  targetTest(
    'accepts calls about other users from an administrator',
    async ({ installation, newTarget, database, newCaller }) => {
      const target = await newTarget();
      const { cookies } = await newCaller('settings_administrator');
      // `saveUser` comes last: it deactivates the user, who could not be signed out afterwards.
      const names = [
        'invite',
        'resendInvitation',
        'signUserOutEverywhere',
        'unlinkProviderAccount',
        'saveUser',
      ];
      for (const name of names) {
        const action = await findAction(name);
        const args = getValidArguments(action, target);
        expect(await callFromPage(installation, { action, args, cookies }), name).toContain('"ok":true');
      }
      expect(await readTargetState(database, target)).toMatchObject({
        otherUser: {
          user: [{ role: 'settings_administrator', active: false }],
          sessions: [{ end_reason: 'ended_by_administrator' }],
          emailLinks: [{ end_reason: 'withdrawn' }],
          identities: [],
        },
        invited: { emailLinks: [{ end_reason: 'replaced' }, { ended_at: null }], messages: [{}, {}] },
        newlyInvited: [{}],
      });
    },
  );

  targetTest(
    'refuses every action from another origin',
    async ({ installation, target, database, newCaller }) => {
      const caller = await newCaller('settings_administrator');
      // The attacker's page makes the caller's browser send the calls, so they have the caller's cookies.
      const read = async () => [
        await readTargetState(database, target),
        await readUserState(database, caller),
      ];
      const before = await read();
      const calls = (await listActions()).flatMap((action) =>
        Object.entries(CROSS_ORIGIN_HEADERS).map(([from, headers]) => ({ action, from, headers })),
      );
      await forEachConcurrently(calls, async ({ action, from, headers }) => {
        const url = installation.webUrl + action.page;
        const args = getValidArguments(action, target);
        const response = await callAction({ url, action, args, cookies: caller.cookies, headers });
        assert.equal(response.slice(0, 4), '403 ', `${action.name} from ${from}`);
      });
      expect(await read()).toEqual(before);
    },
  );

  targetTest(
    'refuses every action for administrators to other callers',
    async ({ installation, target, database, refusedCallers }) => {
      const before = await readTargetState(database, target);
      const calls = Object.entries(refusedCallers).flatMap(([kind, caller]) =>
        [{}, SUBREQUEST_HEADERS].flatMap((extraHeaders) => ({
          kind,
          cookies: caller?.cookies,
          extraHeaders,
        })),
      );
      const actions = (await listActions()).filter(requiresAdministrator);
      const onOwnPage = actions.flatMap((action) =>
        calls.map((call) => ({ ...call, action, path: action.page })),
      );
      // An attacker can send a call to any path, also to that of a public page.
      const onOtherPages = actions.flatMap((action) =>
        [ACCOUNTS_PATH, '/sign-in', '/reveal']
          .filter((path) => path !== action.page)
          .flatMap((path) => calls.map((call) => ({ ...call, action, path }))),
      );
      const sampled = sampleAtScale(onOtherPages, ({ action, kind }) => `${action.name} ${kind}`);
      await forEachConcurrently(
        [...onOwnPage, ...sampled],
        async ({ kind, cookies, extraHeaders, action, path }) => {
          const headers = { ...createSameOriginHeaders(installation), ...extraHeaders };
          const args = getValidArguments(action, target);
          const url = installation.webUrl + path;
          const response = await callAction({ url, action, args, cookies, headers });
          const description = `TEST_SEED=${TEST_SEED}: ${action.name} by ${kind} on ${path}`;
          assert(!response.includes('"ok":true'), description);
          if (path === action.page) assert(response.includes('"ok":false'), description);
          for (const email of [target.details.email, target.otherUser.email, target.invited.email])
            assert(!response.includes(email), description);
        },
      );
      expect(await readTargetState(database, target)).toEqual(before);
      // The audit log records at most 20 refusals of a user per hour.
      for (const kind of ['no role', 'viewer'] as const) {
        const caller = refusedCallers[kind];
        expect(caller && (await countRefusals(database, caller)), kind).toBe(20);
      }
    },
  );
});
