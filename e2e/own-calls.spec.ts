import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { type Action, builtAction, builtActions, callAction, isSelfService } from './fixtures/call-action.ts';
import { argumentsOf, type Caller, own } from './fixtures/callers.ts';
import { forEachConcurrently } from './fixtures/requests.ts';
import { state } from './fixtures/state.ts';
import { addPasskeyRow, stateOf } from './fixtures/strangers.ts';
import { type Subject, subjectTest } from './fixtures/subject.ts';
import { expect } from './fixtures/test.ts';

const ownActions = async () => (await builtActions()).filter(isSelfService);

/** Inserts another session and two passkeys of the caller, so that there is something to lose. */
async function withThings(database: Database, { userId }: Caller) {
  const [session, passkey] = [uuidv7(), uuidv7()];
  await database.execute(sql`insert into sessions (id, user_id) values (${session}, ${userId})`);
  for (const id of [passkey, uuidv7()]) await addPasskeyRow(database, { id, userId });
  return { session, passkey };
}

subjectTest(
  'no action on the own account does anything without a session',
  async ({ where, subject, newCaller, database }) => {
    const [ended, inactive] = [
      await newCaller('settings_administrator'),
      await newCaller('settings_administrator'),
    ];
    for (const caller of [ended, inactive]) await withThings(database, caller);
    await database.execute(sql`update sessions set ended_at = now() where user_id = ${ended.userId}`);
    await database.execute(sql`update users set active = false where id = ${inactive.userId}`);
    const read = async () => [
      await state(database, subject),
      await stateOf(database, ended),
      await stateOf(database, inactive),
    ];
    const before = await read();
    const actions = await ownActions();
    expect(actions.length).toBeGreaterThan(5);
    const calls = actions.flatMap((action) =>
      [undefined, ended.cookies, inactive.cookies].map((cookies) => ({ action, cookies })),
    );
    await forEachConcurrently(calls, async ({ action, cookies }) => {
      const url = where.webUrl + action.page;
      const args = argumentsOf(action, subject);
      const answer = await callAction({ url, action, args, cookies, headers: own(where) });
      expect(answer, action.name).toContain('signed_out');
      expect(answer, action.name).not.toContain('"ok":true');
    });
    expect(await read()).toEqual(before);
  },
);

/** An action's honest argument, with an id of somebody in the place of every id. */
function aimedAt(action: Action, subject: Subject, id: string): unknown[] {
  const [honest] = argumentsOf(action, subject);
  const { userId, session } = subject.person;
  return [{ ...(honest as object), id, challengeId: id, userId, sessionId: session, passkeyId: id }];
}

/** What names a thing of a person's. */
const NAMING = ['deletePasskey', 'savePasskey', 'namePasskey', 'signOutBrowser'];

for (const role of ['settings_administrator', 'settings_viewer', null] as const) {
  subjectTest(
    `an action on the own account does nothing to another user's: ${role ?? 'no role'}`,
    async ({ where, subject, database, newCaller }) => {
      const caller = await newCaller(role);
      const { session, passkey } = await withThings(database, caller);
      const call = async (action: Action, args: unknown[]) => {
        const url = where.webUrl + action.page;
        return callAction({ url, action, args, cookies: caller.cookies, headers: own(where) });
      };
      const before = await state(database, subject);
      const actions = await ownActions();
      const naming = actions.filter((action) => {
        const [honest] = argumentsOf(action, subject);
        return typeof honest === 'object' && honest !== null && ('id' in honest || 'challengeId' in honest);
      });
      expect(naming.map(({ name }) => name).toSorted()).toEqual(NAMING);
      const aimed = naming.flatMap((action) => subject.person.ids.map((id) => ({ action, id })));
      await forEachConcurrently(aimed, async ({ action, id }) =>
        expect(await call(action, aimedAt(action, subject, id)), action.name).toContain('"ok":false'),
      );
      // Callers may change what is their own, so the refusals mean something.
      for (const [name, id] of [
        ['signOutBrowser', session],
        ['namePasskey', passkey],
        ['deletePasskey', passkey],
      ] as const) {
        const action = await builtAction(name);
        expect(await call(action, aimedAt(action, subject, id)), name).toContain('"ok":true');
      }
      // An action that names nothing applies to the caller, whatever is sent with it.
      const rest = actions.filter((action) => !naming.includes(action));
      for (const action of rest) await call(action, aimedAt(action, subject, subject.person.session));
      expect(await state(database, subject)).toEqual(before);
    },
  );
}

subjectTest(
  "another user's challenge authenticates no caller, and is not used up",
  async ({ where, subject, database, newCaller }) => {
    const { cookies } = await newCaller('settings_administrator');
    const before = await state(database, subject);
    const action = await builtAction('submitReauth');
    const part = 'AAAA';
    const response = {
      id: subject.person.passkey.replaceAll('-', ''),
      rawId: part,
      type: 'public-key',
      clientExtensionResults: {},
      response: { clientDataJSON: part, authenticatorData: part, signature: part },
    };
    await forEachConcurrently(subject.person.ids, async (challengeId) => {
      const url = where.webUrl + action.page;
      const args = [{ kind: 'passkey', challengeId, response }];
      const answer = await callAction({ url, action, args, cookies, headers: own(where) });
      expect(answer).toContain('"ok":false');
    });
    expect(await state(database, subject)).toEqual(before);
  },
);
