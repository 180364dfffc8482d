import { sampleAtScale } from '#lib/testing/sample.ts';
import { TEST_SEED } from '#lib/testing/scale.ts';
import { ARGUMENTS } from './fixtures/action-arguments.ts';
import { builtAction, builtActions, callAction, isForAdministrators } from './fixtures/call-action.ts';
import { argumentsOf, FOREIGN, own, refusalsOf } from './fixtures/callers.ts';
import { LIST } from './fixtures/pages.ts';
import { forEachConcurrently } from './fixtures/requests.ts';
import { state } from './fixtures/state.ts';
import { stateOf } from './fixtures/strangers.ts';
import { subjectTest } from './fixtures/subject.ts';
import { expect, test } from './fixtures/test.ts';

test('each action of the build is known here', async () => {
  const actions = await builtActions();
  expect(actions.map(({ name }) => name).toSorted()).toEqual(Object.keys(ARGUMENTS).toSorted());
});

subjectTest(
  'an honest call goes through, so the refusals below mean something',
  async ({ where, newSubject, database, newCaller }) => {
    const subject = await newSubject();
    const { cookies } = await newCaller('settings_administrator');
    const before = await state(database, subject);
    for (const name of [
      'createAccount',
      'resendDelivery',
      'touchPage',
      'showKey',
      'submitChangeReport',
      'resolveChangeReport',
    ]) {
      const action = await builtAction(name);
      const url = where.webUrl + action.page;
      const args = argumentsOf(action, subject);
      expect(await callAction({ url, action, args, cookies, headers: own(where) })).toMatch(/^200 /);
    }
    const after = await state(database, subject);
    expect(after).not.toEqual(before);
    expect(after).toMatchObject({
      fresh: [{}],
      changes: [{ objected_at: expect.anything() }, { settled_at: expect.anything() }],
      openings: [{ touched_at: expect.anything() }],
    });
  },
);

subjectTest(
  "an administrator's calls about other users go through",
  async ({ where, newSubject, database, newCaller }) => {
    const subject = await newSubject();
    const { cookies } = await newCaller('settings_administrator');
    // In this order: a user who cannot sign in any more cannot be signed out.
    const names = [
      'invite',
      'resendInvitation',
      'signUserOutEverywhere',
      'unlinkProviderAccount',
      'saveUser',
    ];
    for (const name of names) {
      const action = await builtAction(name);
      const url = where.webUrl + action.page;
      const args = argumentsOf(action, subject);
      expect(await callAction({ url, action, args, cookies, headers: own(where) }), name).toContain(
        '"ok":true',
      );
    }
    expect(await state(database, subject)).toMatchObject({
      person: {
        user: [{ role: 'settings_administrator', active: false }],
        sessions: [{ ended_because: 'ended_by_administrator' }],
        links: [{ ended_because: 'withdrawn' }],
        identities: [],
      },
      invited: { links: [{ ended_because: 'replaced' }, { ended_at: null }], messages: [{}, {}] },
      newlyInvited: [{}],
    });
  },
);

subjectTest(
  'no action does anything when it is called from elsewhere',
  async ({ where, subject, database, newCaller }) => {
    const caller = await newCaller('settings_administrator');
    const read = async () => [await state(database, subject), await stateOf(database, caller)];
    const before = await read();
    const calls = (await builtActions()).flatMap((action) =>
      Object.entries(FOREIGN).map(([from, headers]) => ({ action, from, headers })),
    );
    await forEachConcurrently(calls, async ({ action, from, headers }) => {
      const url = where.webUrl + action.page;
      const args = argumentsOf(action, subject);
      const answer = await callAction({ url, action, args, cookies: caller.cookies, headers });
      expect(answer.slice(0, 4), `${action.name} from ${from}`).toBe('403 ');
    });
    // Neither to the subject nor to the user whose browser was made to call.
    expect(await read()).toEqual(before);
  },
);

const SUBREQUEST = { 'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware' };

subjectTest(
  "no administrator's action does anything for another caller",
  async ({ where, subject, database, refusedCallers }) => {
    const before = await state(database, subject);
    const calls = Object.entries(refusedCallers).flatMap(([kind, caller]) =>
      [{}, SUBREQUEST].flatMap((more) => ({ kind, cookies: caller?.cookies, more })),
    );
    const actions = (await builtActions()).filter(isForAdministrators);
    const onOwnPage = actions.flatMap((action) =>
      calls.map((call) => ({ ...call, action, path: action.page })),
    );
    // An action responds on every path, also on the pages that anyone can see.
    const elsewhere = actions.flatMap((action) =>
      [LIST, '/sign-in', '/reveal']
        .filter((path) => path !== action.page)
        .flatMap((path) => calls.map((call) => ({ ...call, action, path }))),
    );
    const sampled = sampleAtScale(elsewhere, ({ action, kind }) => `${action.name} ${kind}`);
    await forEachConcurrently([...onOwnPage, ...sampled], async ({ kind, cookies, more, action, path }) => {
      const headers = { ...own(where), ...more };
      const args = argumentsOf(action, subject);
      const answer = await callAction({ url: where.webUrl + path, action, args, cookies, headers });
      const what = `TEST_SEED=${TEST_SEED}: ${action.name} by ${kind} on ${path}`;
      expect(answer, what).not.toContain('"ok":true');
      if (path === action.page) expect(answer, what).toContain('"ok":false');
      for (const email of [subject.details.email, subject.person.email, subject.invited.email])
        expect(answer, what).not.toContain(email);
    });
    expect(await state(database, subject)).toEqual(before);
    // The audit log records at most 20 refusals of a user in an hour.
    for (const kind of ['no role', 'viewer'] as const) {
      const caller = refusedCallers[kind];
      expect(caller && (await refusalsOf(database, caller)), kind).toBe(20);
    }
  },
);
