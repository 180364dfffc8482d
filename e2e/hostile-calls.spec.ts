import { sql } from 'drizzle-orm';
import { builtRoutes } from './fixtures/built-routes.ts';
import { type Action, builtActions, callAction, isForAdministrators } from './fixtures/call-action.ts';
import { argumentsOf, cookieOf, own, refusalsOf, someCaller, TAKEN_AWAY } from './fixtures/callers.ts';
import { state } from './fixtures/state.ts';
import { subjectTest } from './fixtures/subject.ts';
import { expect } from './fixtures/test.ts';
import { spoiled, WRONG_SHAPES } from './fixtures/wrong-shapes.ts';

// Each test calls every action, many times over.
subjectTest.describe.configure({ timeout: 180_000 });

for (const [caller, { change, onRecord }] of Object.entries(TAKEN_AWAY)) {
  subjectTest(
    `no administrator's action does anything for ${caller}`,
    async ({ where, subject, database, openPage, newUser }) => {
      const known = await someCaller({ openPage, newUser, database }, 'settings_administrator');
      const actions = (await builtActions()).filter(isForAdministrators);
      const look = actions.find(({ name }) => name === 'loadUsage');
      if (!look) throw new Error('no action to look with');
      const call = (action: Action) =>
        callAction({
          url: where.webUrl + action.page,
          action,
          args: argumentsOf(action, subject),
          cookies: known.cookies,
          headers: own(where),
        });
      // Until then they are let in: so the refusals mean something.
      expect(await call(look)).toContain('"ok":true');
      await database.execute(sql`update users set ${change} where id = ${known.userId}`);
      const before = await state(database, subject);
      for (const action of actions) {
        const answer = await call(action);
        expect(answer.slice(0, 4), action.name).toBe('200 ');
        expect(answer.includes('"ok":false'), action.name).toBe(true);
        for (const email of [subject.details.email, subject.person.email, subject.invited.email])
          expect(answer.includes(email), action.name).toBe(false);
      }
      expect(await state(database, subject)).toEqual(before);
      // Each of them: there are fewer actions than refusals that go on record in an hour.
      expect(await refusalsOf(database, known)).toBe(onRecord ? actions.length : 0);
    },
  );
}

/** What answers alike whatever it is asked, so that the answer tells nothing. */
const ANSWERS_ALIKE = new Set(['touchPage', 'startPasskeySignIn']);

subjectTest(
  'no action takes arguments of a wrong shape, or fails of them',
  async ({ where, subject, database, openPage, newUser }) => {
    const { cookies } = await someCaller({ openPage, newUser, database }, 'settings_administrator');
    const before = await state(database, subject);
    for (const action of await builtActions()) {
      const honest = argumentsOf(action, subject);
      // Without an argument there is no shape that could be wrong.
      if (honest.length === 0) continue;
      // A name beside a link's token, too, where there may be none.
      const named = action.name === 'setNewPassword' ? [[{ ...(honest[0] as object), name: 'a\u0000' }]] : [];
      for (const args of [...WRONG_SHAPES, ...spoiled(honest), ...named]) {
        const answer = await callAction({
          url: where.webUrl + action.page,
          action,
          args,
          cookies,
          headers: own(where),
        });
        const what = `${action.name} ${JSON.stringify(args).slice(0, 200)}`;
        expect(answer.slice(0, 4), what).toBe('200 ');
        if (!ANSWERS_ALIKE.has(action.name)) expect(answer.includes('"ok":false'), what).toBe(true);
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

subjectTest(
  'no action and no route reads ten megabytes',
  async ({ where, subject, database, openPage, newUser }) => {
    const { cookies } = await someCaller({ openPage, newUser, database }, 'settings_administrator');
    const before = await state(database, subject);
    const headers = { ...own(where), cookie: cookieOf(cookies) };
    const asText = { ...headers, 'content-type': 'text/plain;charset=UTF-8' };
    for (const { id, name } of await builtActions()) {
      const status = await sendTenMegabytes(`${where.webUrl}/reveal`, { ...asText, 'next-action': id });
      expect([null, 400, 413], name).toContain(status);
    }
    const routes = await builtRoutes();
    expect(routes.length).toBeGreaterThanOrEqual(4);
    for (const route of routes) {
      const path = route.pathWith(route.isCatchAll ? 'callback/credentials' : subject.id);
      for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
        const status = await sendTenMegabytes(where.webUrl + path, { ...headers, 'content-type': type });
        expect([null, 400, 401, 403, 405, 413], `${path} ${type}`).toContain(status);
      }
    }
    expect(await state(database, subject)).toEqual(before);
  },
);
