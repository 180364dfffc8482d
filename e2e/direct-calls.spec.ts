import { sql } from 'drizzle-orm';
import { ARGUMENTS } from './fixtures/action-arguments.ts';
import { builtActions, callAction, isForAdministrators } from './fixtures/call-action.ts';
import { argumentsOf, FOREIGN, own, refusalsOf, someCaller } from './fixtures/callers.ts';
import { LIST } from './fixtures/pages.ts';
import { state } from './fixtures/state.ts';
import { stateOf } from './fixtures/strangers.ts';
import { subjectTest } from './fixtures/subject.ts';
import { type Cookies, expect, test } from './fixtures/test.ts';

// Each test calls every action, many times over.
test.describe.configure({ timeout: 180_000 });

test('each action of the build is known here', async () => {
  const actions = await builtActions();
  expect(actions.map(({ name }) => name).toSorted()).toEqual(Object.keys(ARGUMENTS).toSorted());
});

subjectTest(
  'an honest call goes through: so the refusals below mean something',
  async ({ where, subject, database, administratorCookies }) => {
    const before = await state(database, subject);
    for (const action of (await builtActions()).filter(({ name }) =>
      ['createAccount', 'sendMessagesAgain', 'touchPage', 'showKey', 'sayNotUs', 'settleChange'].includes(
        name,
      ),
    )) {
      const answer = await callAction({
        url: where.webUrl + action.page,
        action,
        args: argumentsOf(action, subject),
        cookies: administratorCookies,
        headers: own(where),
      });
      expect(answer).toMatch(/^200 /);
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
  "so do an administrator's calls about other people",
  async ({ where, subject, database, administratorCookies: cookies }) => {
    // In this order: nobody is signed out who may not sign in any more.
    const acts = [
      'invite',
      'sendInvitationAgain',
      'signUserOutEverywhere',
      'forgetProviderAccount',
      'saveUser',
    ];
    for (const name of acts) {
      const action = (await builtActions()).find((built) => built.name === name);
      if (!action) throw new Error(`no action ${name}`);
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

for (const [from, headers] of Object.entries(FOREIGN)) {
  subjectTest(
    `no action does anything when called from ${from}`,
    async ({ where, subject, database, openPage, newUser }) => {
      const caller = await someCaller({ openPage, newUser, database }, 'settings_administrator');
      const before = [await state(database, subject), await stateOf(database, caller)];
      for (const action of await builtActions()) {
        const url = where.webUrl + action.page;
        const args = argumentsOf(action, subject);
        const answer = await callAction({ url, action, args, cookies: caller.cookies, headers });
        expect(answer.slice(0, 4), action.name).toBe('403 ');
      }
      // Neither to anybody else nor to whose browser was made to call.
      expect([await state(database, subject), await stateOf(database, caller)]).toEqual(before);
    },
  );
}

subjectTest(
  "no administrator's action does anything for someone else",
  async ({ where, subject, database, newUser, openPage }) => {
    const some = (role: Parameters<typeof someCaller>[1]) =>
      someCaller({ openPage, newUser, database }, role);
    const [nothing, viewer, ended] = [
      await some(null),
      await some('settings_viewer'),
      await some('settings_administrator'),
    ];
    await database.execute(sql`update sessions set ended_at = now() where user_id = ${ended.userId}`);
    const callers: Record<string, Cookies | undefined> = {
      nobody: undefined,
      'someone without a role': nothing.cookies,
      'a viewer': viewer.cookies,
      'an ended session': ended.cookies,
    };
    const before = await state(database, subject);
    for (const [caller, cookies] of Object.entries(callers)) {
      for (const action of (await builtActions()).filter(isForAdministrators)) {
        // On the page that anyone may see, too: an action answers on every path.
        for (const path of [action.page, LIST, '/sign-in', '/reveal']) {
          for (const more of [
            {},
            { 'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware' },
          ]) {
            const headers = { ...own(where), ...more };
            const args = argumentsOf(action, subject);
            const answer = await callAction({ url: where.webUrl + path, action, args, cookies, headers });
            expect(answer, `${action.name} by ${caller}`).not.toContain('"ok":true');
            if (path === action.page) expect(answer, `${action.name} by ${caller}`).toContain('"ok":false');
            for (const email of [subject.details.email, subject.person.email, subject.invited.email])
              expect(answer, `${action.name} by ${caller}`).not.toContain(email);
          }
        }
      }
    }
    expect(await state(database, subject)).toEqual(before);
    // Of each person who is known, as many as go on record in an hour.
    expect(await refusalsOf(database, nothing)).toBe(20);
    expect(await refusalsOf(database, viewer)).toBe(20);
  },
);

subjectTest('nobody is shown the list, however it is asked for', async ({ where, subject }) => {
  const ways: Record<string, Record<string, string>> = {
    plainly: {},
    'as a component': { rsc: '1' },
    'as a prefetch': { rsc: '1', 'next-router-prefetch': '1' },
    'as a segment': { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' },
    'as a subrequest': { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' },
    'with a cookie of its own make': { cookie: '__Host-next-auth.session-token=eyJhbGciOiJub25lIn0.e30.' },
  };
  for (const [way, headers] of Object.entries(ways)) {
    const response = await fetch(
      `${where.webUrl}${LIST}?search=${encodeURIComponent(subject.details.username)}`,
      {
        headers,
        redirect: 'manual',
      },
    );
    const body = await response.text();
    expect(body, way).not.toContain(subject.details.email);
    expect(body, way).not.toContain(subject.details.phone);
  }
});
