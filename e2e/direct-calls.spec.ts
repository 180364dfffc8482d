import { sampleAtScale } from '#lib/testing/sample.ts';
import { TEST_SEED } from '#lib/testing/scale.ts';
import { VALID_ARGUMENTS } from './fixtures/action-arguments.ts';
import { callAction, findAction, listActions, requiresAdministrator } from './fixtures/call-action.ts';
import {
  CROSS_ORIGIN_HEADERS,
  callFromPage,
  countRefusals,
  sameOriginHeaders,
  validArguments,
} from './fixtures/callers.ts';
import { ACCOUNTS_PATH } from './fixtures/pages.ts';
import { forEachConcurrently } from './fixtures/requests.ts';
import { readState, readUserState } from './fixtures/state.ts';
import { targetTest } from './fixtures/target.ts';
import { expect, test } from './fixtures/test.ts';

const SUBREQUEST = { 'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware' };

test.describe('server actions', () => {
  test('lists every action of the build', async () => {
    const actions = await listActions();
    expect(actions.map(({ name }) => name).toSorted()).toEqual(Object.keys(VALID_ARGUMENTS).toSorted());
  });

  // The next two tests show that the calls refused below are valid calls.
  targetTest(
    'accepts calls about API accounts from a page',
    async ({ installation, newTarget, database, newCaller }) => {
      const target = await newTarget();
      const { cookies } = await newCaller('settings_administrator');
      const before = await readState(database, target);
      for (const name of [
        'createAccount',
        'resendDelivery',
        'reportInteraction',
        'showKey',
        'submitChangeReport',
        'resolveChangeReport',
      ]) {
        const action = await findAction(name);
        const args = validArguments(action, target);
        expect(await callFromPage(installation, { action, args, cookies })).toMatch(/^200 /);
      }
      const after = await readState(database, target);
      expect(after).not.toEqual(before);
      expect(after).toMatchObject({
        newAccount: [{}],
        changes: [{ reported_at: expect.anything() }, { resolved_at: expect.anything() }],
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
        const args = validArguments(action, target);
        expect(await callFromPage(installation, { action, args, cookies }), name).toContain('"ok":true');
      }
      expect(await readState(database, target)).toMatchObject({
        otherUser: {
          user: [{ role: 'settings_administrator', active: false }],
          sessions: [{ end_reason: 'ended_by_administrator' }],
          links: [{ end_reason: 'withdrawn' }],
          identities: [],
        },
        invited: { links: [{ end_reason: 'replaced' }, { ended_at: null }], messages: [{}, {}] },
        newlyInvited: [{}],
      });
    },
  );

  targetTest(
    'refuses every action from another origin',
    async ({ installation, target, database, newCaller }) => {
      const caller = await newCaller('settings_administrator');
      // The caller is the user whose browser an attacker makes send the call.
      const read = async () => [await readState(database, target), await readUserState(database, caller)];
      const before = await read();
      const calls = (await listActions()).flatMap((action) =>
        Object.entries(CROSS_ORIGIN_HEADERS).map(([from, headers]) => ({ action, from, headers })),
      );
      await forEachConcurrently(calls, async ({ action, from, headers }) => {
        const url = installation.webUrl + action.page;
        const args = validArguments(action, target);
        const response = await callAction({ url, action, args, cookies: caller.cookies, headers });
        expect(response.slice(0, 4), `${action.name} from ${from}`).toBe('403 ');
      });
      expect(await read()).toEqual(before);
    },
  );

  targetTest(
    "refuses every administrator's action to other callers",
    async ({ installation, target, database, refusedCallers }) => {
      const before = await readState(database, target);
      const calls = Object.entries(refusedCallers).flatMap(([kind, caller]) =>
        [{}, SUBREQUEST].flatMap((extraHeaders) => ({ kind, cookies: caller?.cookies, extraHeaders })),
      );
      const actions = (await listActions()).filter(requiresAdministrator);
      const onOwnPage = actions.flatMap((action) =>
        calls.map((call) => ({ ...call, action, path: action.page })),
      );
      // Next.js accepts a call of an action on every path, also on public pages.
      const onOtherPages = actions.flatMap((action) =>
        [ACCOUNTS_PATH, '/sign-in', '/reveal']
          .filter((path) => path !== action.page)
          .flatMap((path) => calls.map((call) => ({ ...call, action, path }))),
      );
      const sampled = sampleAtScale(onOtherPages, ({ action, kind }) => `${action.name} ${kind}`);
      await forEachConcurrently(
        [...onOwnPage, ...sampled],
        async ({ kind, cookies, extraHeaders, action, path }) => {
          const headers = { ...sameOriginHeaders(installation), ...extraHeaders };
          const args = validArguments(action, target);
          const url = installation.webUrl + path;
          const response = await callAction({ url, action, args, cookies, headers });
          const what = `TEST_SEED=${TEST_SEED}: ${action.name} by ${kind} on ${path}`;
          expect(response, what).not.toContain('"ok":true');
          if (path === action.page) expect(response, what).toContain('"ok":false');
          for (const email of [target.details.email, target.otherUser.email, target.invited.email])
            expect(response, what).not.toContain(email);
        },
      );
      expect(await readState(database, target)).toEqual(before);
      // The audit log records at most 20 refusals of a user per hour.
      for (const kind of ['no role', 'viewer'] as const) {
        const caller = refusedCallers[kind];
        expect(caller && (await countRefusals(database, caller)), kind).toBe(20);
      }
    },
  );
});
