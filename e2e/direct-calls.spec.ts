import { sql } from 'drizzle-orm';
import { ARGUMENTS } from './fixtures/action-arguments.ts';
import {
  type Action,
  builtActions,
  callAction,
  isForAdministrators,
  pageOf,
} from './fixtures/call-action.ts';
import { LIST, signIn } from './fixtures/pages.ts';
import { state } from './fixtures/state.ts';
import { type Subject, subjectTest } from './fixtures/subject.ts';
import { type Cookies, expect, test } from './fixtures/test.ts';

const argumentsOf = ({ name }: Action, subject: Subject) => ARGUMENTS[name]?.(subject) ?? [];
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
        url: where.webUrl + pageOf(action),
        action,
        args: argumentsOf(action, subject),
        cookies: administratorCookies,
        headers: { origin: where.webUrl, 'sec-fetch-site': 'same-origin' },
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

/** Where a call may not come from, whoever makes it. */
const FOREIGN: Record<string, Record<string, string>> = {
  'another site': { origin: 'https://example.com', 'sec-fetch-site': 'cross-site' },
  'another site, in an old browser': { origin: 'https://example.com' },
  'another port of this host': { origin: 'http://localhost:1', 'sec-fetch-site': 'same-site' },
  'an opaque origin': { origin: 'null', 'sec-fetch-site': 'cross-site' },
  'an opaque origin, in an old browser': { origin: 'null' },
  'no origin, said to be cross-site': { 'sec-fetch-site': 'cross-site' },
  'nowhere at all': {},
};

for (const [from, headers] of Object.entries(FOREIGN)) {
  subjectTest(
    `no action does anything when called from ${from}`,
    async ({ where, subject, database, administratorCookies }) => {
      const before = await state(database, subject);
      for (const action of await builtActions()) {
        const url = where.webUrl + pageOf(action);
        const args = argumentsOf(action, subject);
        const answer = await callAction({ url, action, args, cookies: administratorCookies, headers });
        expect(answer, action.name).not.toContain('"ok":true');
      }
      expect(await state(database, subject)).toEqual(before);
    },
  );
}

subjectTest(
  "no administrator's action does anything for someone else",
  async ({ where, subject, database, newUser, openPage }) => {
    const cookiesOf = async (role: 'settings_viewer' | 'settings_administrator' | null) => {
      const page = await openPage();
      const person = await newUser(role);
      await signIn(page, person);
      return { person, cookies: await page.context().storageState() };
    };
    const ended = await cookiesOf('settings_administrator');
    await database.execute(
      sql`update sessions set ended_at = now() from users
        where users.id = sessions.user_id and users.email = ${ended.person.email}`,
    );
    const callers: Record<string, Cookies | undefined> = {
      nobody: undefined,
      'someone without a role': (await cookiesOf(null)).cookies,
      'a viewer': (await cookiesOf('settings_viewer')).cookies,
      'an ended session': ended.cookies,
    };
    const before = await state(database, subject);
    for (const [caller, cookies] of Object.entries(callers)) {
      for (const action of (await builtActions()).filter(isForAdministrators)) {
        // On the page that anyone may see, too: an action answers on every path.
        for (const path of [LIST, '/sign-in', '/reveal']) {
          for (const more of [
            {},
            { 'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware' },
          ]) {
            const headers = { origin: where.webUrl, 'sec-fetch-site': 'same-origin', ...more };
            const args = argumentsOf(action, subject);
            const answer = await callAction({ url: where.webUrl + path, action, args, cookies, headers });
            expect(answer, `${action.name} by ${caller}`).not.toContain('"ok":true');
            expect(answer, `${action.name} by ${caller}`).not.toContain(subject.details.email);
          }
        }
      }
    }
    expect(await state(database, subject)).toEqual(before);
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
