import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { type Action, builtActions, callAction, isOnesOwn } from './fixtures/call-action.ts';
import { argumentsOf, type Caller, own, someCaller } from './fixtures/callers.ts';
import { state } from './fixtures/state.ts';
import { addPasskeyRow, stateOf } from './fixtures/strangers.ts';
import { type Subject, subjectTest } from './fixtures/subject.ts';
import { expect } from './fixtures/test.ts';

// Each test calls every action, many times over.
subjectTest.describe.configure({ timeout: 180_000 });

const ownActions = async () => (await builtActions()).filter(isOnesOwn);

/** Gives somebody another session and two passkeys, so that there is something to lose. */
async function withThings(database: Database, { userId }: Caller) {
  const [session, passkey] = [uuidv7(), uuidv7()];
  await database.execute(sql`insert into sessions (id, user_id) values (${session}, ${userId})`);
  for (const id of [passkey, uuidv7()]) await addPasskeyRow(database, { id, userId });
  return { session, passkey };
}

subjectTest(
  'what each person does for themselves, nobody does without a session',
  async ({ where, subject, newUser, openPage, database }) => {
    const ended = await someCaller({ openPage, newUser, database }, 'settings_administrator');
    const gone = await someCaller({ openPage, newUser, database }, 'settings_administrator');
    for (const caller of [ended, gone]) await withThings(database, caller);
    await database.execute(sql`update sessions set ended_at = now() where user_id = ${ended.userId}`);
    await database.execute(sql`update users set active = false where id = ${gone.userId}`);
    const all = async () => [
      await state(database, subject),
      await stateOf(database, ended),
      await stateOf(database, gone),
    ];
    const before = await all();
    const actions = await ownActions();
    expect(actions.length).toBeGreaterThan(5);
    for (const cookies of [undefined, ended.cookies, gone.cookies]) {
      for (const action of actions) {
        const url = where.webUrl + action.page;
        const args = argumentsOf(action, subject);
        const answer = await callAction({ url, action, args, cookies, headers: own(where) });
        expect(answer, action.name).toContain('signed_out');
        expect(answer, action.name).not.toContain('"ok":true');
      }
    }
    expect(await all()).toEqual(before);
  },
);

/** An action's honest argument, with an id of somebody in the place of every id. */
function aimedAt(action: Action, subject: Subject, id: string): unknown[] {
  const [honest] = argumentsOf(action, subject);
  const { userId, session } = subject.person;
  return [{ ...(honest as object), id, challengeId: id, userId, sessionId: session, passkeyId: id }];
}

/** What names a thing of a person's. */
const NAMING = ['dropPasskey', 'keepPasskey', 'namePasskey', 'signOutBrowser'];

for (const role of ['settings_administrator', 'settings_viewer', null] as const) {
  subjectTest(
    `what ${role ?? 'somebody without a role'} does for themselves does nothing to anybody else`,
    async ({ where, subject, database, openPage, newUser }) => {
      const caller = await someCaller({ openPage, newUser, database }, role);
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
      for (const action of naming) {
        for (const id of subject.person.ids)
          expect(await call(action, aimedAt(action, subject, id)), action.name).toContain('"ok":false');
      }
      // Their own they may: so the refusals mean something.
      for (const [name, id] of [
        ['signOutBrowser', session],
        ['namePasskey', passkey],
        ['dropPasskey', passkey],
      ] as const) {
        const action = naming.find((each) => each.name === name);
        if (!action) throw new Error(`no action ${name}`);
        expect(await call(action, aimedAt(action, subject, id)), name).toContain('"ok":true');
      }
      // What names nothing is done to whoever asks, whatever is sent with it.
      const rest = actions.filter((action) => !naming.includes(action));
      for (const action of rest) await call(action, aimedAt(action, subject, subject.person.session));
      expect(await state(database, subject)).toEqual(before);
    },
  );
}

subjectTest(
  "a challenge of somebody else's proves nothing, and is not spent",
  async ({ where, subject, database, openPage, newUser }) => {
    const caller = await someCaller({ openPage, newUser, database }, 'settings_administrator');
    const before = await state(database, subject);
    const action = (await ownActions()).find(({ name }) => name === 'giveProof');
    if (!action) throw new Error('no action to prove with');
    const part = 'AAAA';
    const response = {
      id: subject.person.passkey.replaceAll('-', ''),
      rawId: part,
      type: 'public-key',
      clientExtensionResults: {},
      response: { clientDataJSON: part, authenticatorData: part, signature: part },
    };
    for (const challengeId of subject.person.ids) {
      const url = where.webUrl + action.page;
      const args = [{ kind: 'passkey', challengeId, response }];
      const answer = await callAction({ url, action, args, cookies: caller.cookies, headers: own(where) });
      expect(answer).toContain('"ok":false');
    }
    expect(await state(database, subject)).toEqual(before);
  },
);
