import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { type Action, findAction, isSelfService, listActions } from './fixtures/call-action.ts';
import { type Caller, callFromPage, validArguments } from './fixtures/callers.ts';
import { insertPasskeyRow } from './fixtures/other-user.ts';
import { forEachConcurrently } from './fixtures/requests.ts';
import { readState, readUserState } from './fixtures/state.ts';
import { type Target, targetTest } from './fixtures/target.ts';
import { expect } from './fixtures/test.ts';

const listSelfServiceActions = async () => (await listActions()).filter(isSelfService);

/** Inserts another session and two passkeys of a caller, which a call could end or delete. */
async function insertOwnRows(database: Database, { userId }: Caller) {
  const [session, passkey] = [uuidv7(), uuidv7()];
  await database.execute(sql`insert into sessions (id, user_id) values (${session}, ${userId})`);
  for (const id of [passkey, uuidv7()]) await insertPasskeyRow(database, { id, userId });
  return { session, passkey };
}

/** Returns an action's valid argument with every id replaced by ids of another user. */
function replaceIds(action: Action, target: Target, id: string): unknown[] {
  const [validArgument] = validArguments(action, target);
  const { userId, sessionId } = target.otherUser;
  return [{ ...(validArgument as object), id, challengeId: id, userId, sessionId, passkeyId: id }];
}

/** The self-service actions whose argument contains an id. */
const ACTIONS_WITH_ID = ['deletePasskey', 'namePasskey', 'savePasskey', 'signOutBrowser'];

targetTest.describe('self-service actions', () => {
  targetTest(
    'refuses every self-service action without a session',
    async ({ installation, target, newCaller, database }) => {
      const [ended, inactive] = [
        await newCaller('settings_administrator'),
        await newCaller('settings_administrator'),
      ];
      for (const caller of [ended, inactive]) await insertOwnRows(database, caller);
      await database.execute(sql`update sessions set ended_at = now() where user_id = ${ended.userId}`);
      await database.execute(sql`update users set active = false where id = ${inactive.userId}`);
      const read = async () => [
        await readState(database, target),
        await readUserState(database, ended),
        await readUserState(database, inactive),
      ];
      const before = await read();
      const actions = await listSelfServiceActions();
      expect(actions.length).toBeGreaterThan(5);
      const calls = actions.flatMap((action) =>
        [undefined, ended.cookies, inactive.cookies].map((cookies) => ({ action, cookies })),
      );
      await forEachConcurrently(calls, async ({ action, cookies }) => {
        const args = validArguments(action, target);
        const response = await callFromPage(installation, { action, args, cookies });
        expect(response, action.name).toContain('signed_out');
        expect(response, action.name).not.toContain('"ok":true');
      });
      expect(await read()).toEqual(before);
    },
  );

  for (const role of ['settings_administrator', 'settings_viewer', null] as const) {
    targetTest(
      `refuses self-service actions on another user's data: ${role ?? 'no role'}`,
      async ({ installation, target, database, newCaller }) => {
        const caller = await newCaller(role);
        const { session, passkey } = await insertOwnRows(database, caller);
        const call = async (action: Action, args: unknown[]) =>
          callFromPage(installation, { action, args, cookies: caller.cookies });
        const before = await readState(database, target);
        const actions = await listSelfServiceActions();
        const withId = actions.filter((action) => {
          const [argument] = validArguments(action, target);
          return (
            typeof argument === 'object' &&
            argument !== null &&
            ('id' in argument || 'challengeId' in argument)
          );
        });
        expect(withId.map(({ name }) => name).toSorted()).toEqual(ACTIONS_WITH_ID);
        const attacks = withId.flatMap((action) => target.otherUser.ids.map((id) => ({ action, id })));
        await forEachConcurrently(attacks, async ({ action, id }) =>
          expect(await call(action, replaceIds(action, target, id)), action.name).toContain('"ok":false'),
        );
        // The same actions succeed on the caller's own data, so the refusals are due to the other user's ids.
        for (const [name, id] of [
          ['signOutBrowser', session],
          ['namePasskey', passkey],
          ['deletePasskey', passkey],
        ] as const) {
          const action = await findAction(name);
          expect(await call(action, replaceIds(action, target, id)), name).toContain('"ok":true');
        }
        // Actions without an id apply to the caller and ignore the other user's ids.
        const withoutId = actions.filter((action) => !withId.includes(action));
        for (const action of withoutId)
          await call(action, replaceIds(action, target, target.otherUser.sessionId));
        expect(await readState(database, target)).toEqual(before);
      },
    );
  }

  targetTest(
    "refuses another user's challenge, and does not consume it",
    async ({ installation, target, database, newCaller }) => {
      const { cookies } = await newCaller('settings_administrator');
      const before = await readState(database, target);
      const action = await findAction('submitReauth');
      const bytes = 'AAAA';
      const response = {
        id: target.otherUser.passkeyId.replaceAll('-', ''),
        rawId: bytes,
        type: 'public-key',
        clientExtensionResults: {},
        response: { clientDataJSON: bytes, authenticatorData: bytes, signature: bytes },
      };
      await forEachConcurrently(target.otherUser.ids, async (challengeId) => {
        const args = [{ kind: 'passkey', challengeId, response }];
        expect(await callFromPage(installation, { action, args, cookies })).toContain('"ok":false');
      });
      expect(await readState(database, target)).toEqual(before);
    },
  );
});
