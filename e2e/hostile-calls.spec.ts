import type { Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { ARGUMENTS } from './fixtures/action-arguments.ts';
import { builtRoutes } from './fixtures/built-routes.ts';
import {
  type Action,
  builtActions,
  callAction,
  isForAdministrators,
  isOnesOwn,
  pageOf,
} from './fixtures/call-action.ts';
import { signIn } from './fixtures/pages.ts';
import { state } from './fixtures/state.ts';
import { stateOf, stranger } from './fixtures/strangers.ts';
import { type Subject, subjectTest } from './fixtures/subject.ts';
import { type Cookies, expect, type Where } from './fixtures/test.ts';

type NewUser = (role: 'settings_administrator') => Promise<{ email: string; password: string }>;
type Caller = { email: string; cookies: Cookies };

const own = (where: Where) => ({ origin: where.webUrl, 'sec-fetch-site': 'same-origin' });
const argumentsOf = ({ name }: Action, subject: Subject) => ARGUMENTS[name]?.(subject) ?? [];

async function someAdministrator(openPage: () => Promise<Page>, newUser: NewUser): Promise<Caller> {
  const page = await openPage();
  const person = await newUser('settings_administrator');
  await signIn(page, person);
  return { email: person.email, cookies: await page.context().storageState() };
}

const refusalsOf = async (database: Database, email: string) =>
  (
    await database.execute(
      sql`select from audit_events e join users u on u.id = e.user_id
        where u.email = ${email} and e.act = 'request.refused' and e.outcome = 'refused'`,
    )
  ).rows.length;

/** What an administrator's action may be taken away by, between one request and the next. */
const TAKEN_AWAY = {
  'somebody made a viewer a moment ago': { change: sql`role = 'settings_viewer'`, onRecord: true },
  'somebody whose role was removed a moment ago': { change: sql`role = null`, onRecord: true },
  'somebody who was deactivated a moment ago': { change: sql`active = false`, onRecord: false },
};

for (const [caller, { change, onRecord }] of Object.entries(TAKEN_AWAY)) {
  subjectTest(
    `no administrator's action does anything for ${caller}`,
    async ({ where, subject, database, openPage, newUser }) => {
      const { email, cookies } = await someAdministrator(openPage, newUser);
      const actions = (await builtActions()).filter(isForAdministrators);
      const look = actions.find(({ name }) => name === 'loadUsage');
      if (!look) throw new Error('no action to look with');
      const call = (action: Action) =>
        callAction({
          url: where.webUrl + pageOf(action),
          action,
          args: argumentsOf(action, subject),
          cookies,
          headers: own(where),
        });
      // Until then they are let in: so the refusals mean something.
      expect(await call(look)).toContain('"ok":true');
      await database.execute(sql`update users set ${change} where email = ${email}`);
      const before = await state(database, subject);
      for (const action of actions) {
        const answer = await call(action);
        expect(answer.slice(0, 4), action.name).toBe('200 ');
        expect(answer.includes('"ok":true'), action.name).toBe(false);
        expect(answer.includes(subject.details.email), action.name).toBe(false);
      }
      expect(await state(database, subject)).toEqual(before);
      expect((await refusalsOf(database, email)) > 0).toBe(onRecord);
    },
  );
}

/** What a page would never send. */
const WRONG_SHAPES: unknown[][] = [
  [],
  [null],
  [42],
  [true],
  ['x'],
  [[]],
  [{}],
  [[{ id: 'x' }]],
  [{ id: null, token: null, version: 'x' }],
  [{ id: { toString: 'x' }, token: ['x'], code: { length: 6 }, email: [], username: {} }],
  [{ id: "' or 1=1 --", token: '../..', code: '\u0000', email: '\u0000@example.com', name: '\ud800' }],
];

/** The honest argument with each of its fields in turn of another kind, or missing. */
function spoiled([argument]: unknown[]): unknown[][] {
  if (typeof argument !== 'object' || argument === null) return [];
  return Object.keys(argument).flatMap((field) =>
    [undefined, null, { x: 1 }, ['x'], '\u0000'.repeat(3), 'x'.repeat(2_000)].map((value) => [
      { ...argument, [field]: value },
    ]),
  );
}

/** What answers alike whatever it is asked, so that the answer tells nothing. */
const ANSWERS_ALIKE = new Set(['touchPage', 'startPasskeySignIn']);

subjectTest(
  'no action takes arguments of a wrong shape, or fails of them',
  async ({ where, subject, database, openPage, newUser }) => {
    const { cookies } = await someAdministrator(openPage, newUser);
    const before = await state(database, subject);
    for (const action of await builtActions()) {
      const honest = argumentsOf(action, subject);
      // Without an argument there is no shape that could be wrong.
      if (honest.length === 0) continue;
      for (const args of [...WRONG_SHAPES, ...spoiled(honest)]) {
        const answer = await callAction({
          url: where.webUrl + pageOf(action),
          action,
          args,
          cookies,
          headers: own(where),
        });
        const what = `${action.name} ${JSON.stringify(args).slice(0, 200)}`;
        expect(answer.slice(0, 4), what).toBe('200 ');
        if (!ANSWERS_ALIKE.has(action.name)) expect(answer.includes('"ok":true'), what).toBe(false);
      }
    }
    expect(await state(database, subject)).toEqual(before);
  },
);

const TEN_MEGABYTES = 10 * 1024 * 1024;

/** Sends ten megabytes. Gives the status; null where the connection was closed before all was sent. */
async function sendTenMegabytes(url: string, headers: Record<string, string>): Promise<number | null> {
  const body = `[{"id":"${'x'.repeat(TEN_MEGABYTES)}"}]`;
  return fetch(url, { method: 'POST', headers, body, redirect: 'manual' }).then(
    ({ status }) => status,
    () => null,
  );
}

const cookieOf = ({ cookies }: Cookies) => cookies.map(({ name, value }) => `${name}=${value}`).join('; ');

subjectTest(
  'no action and no route reads ten megabytes',
  async ({ where, subject, database, openPage, newUser }) => {
    const { cookies } = await someAdministrator(openPage, newUser);
    const before = await state(database, subject);
    const headers = { ...own(where), cookie: cookieOf(cookies) };
    const asText = { ...headers, 'content-type': 'text/plain;charset=UTF-8' };
    for (const { id, name } of await builtActions()) {
      const status = await sendTenMegabytes(`${where.webUrl}/reveal`, { ...asText, 'next-action': id });
      expect([null, 400, 413], name).toContain(status);
    }
    const routes = await builtRoutes();
    expect(routes.length).toBeGreaterThanOrEqual(4);
    for (const { path } of routes) {
      for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
        const status = await sendTenMegabytes(where.webUrl + path, { ...headers, 'content-type': type });
        expect([null, 400, 401, 403, 405, 413], `${path} ${type}`).toContain(status);
      }
    }
    expect(await state(database, subject)).toEqual(before);
  },
);

subjectTest(
  'what each person does for themselves does nothing to anybody else',
  async ({ where, subject, database, openPage, newUser }) => {
    const { cookies } = await someAdministrator(openPage, newUser);
    const other = await stranger(database);
    const before = await stateOf(database, other);
    for (const action of (await builtActions()).filter(isOnesOwn)) {
      const [honest] = argumentsOf(action, subject);
      if (typeof honest !== 'object' || honest === null) continue;
      for (const id of other.ids) {
        const args = [{ ...honest, id, userId: other.userId, challengeId: id }];
        const answer = await callAction({
          url: where.webUrl + pageOf(action),
          action,
          args,
          cookies,
          headers: own(where),
        });
        // What names nothing is done to whoever asks, whatever else is sent with it.
        const names = 'id' in honest || 'challengeId' in honest;
        if (names) expect(answer.includes('"ok":true'), action.name).toBe(false);
      }
    }
    expect(await stateOf(database, other)).toEqual(before);
  },
);
