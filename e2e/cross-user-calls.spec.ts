import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { type Action, findAction, isSelfService, listActions } from './fixtures/call-action.ts';
import { type Caller, callFromPage, getValidArguments } from './fixtures/callers.ts';
import { insertPasskeyRow } from './fixtures/other-user.ts';
import { forEachConcurrently } from './fixtures/requests.ts';
import { readTargetState, readUserState } from './fixtures/state.ts';
import { type Target, targetTest } from './fixtures/target.ts';
import { expect } from './fixtures/test.ts';

const listSelfServiceActions = async () => (await listActions()).filter(isSelfService);

/** Inserts another session and two passkeys of a caller, which a call could end or delete. */
async function insertOwnRows(database: Database, { userId }: Caller) {
  const [sessionId, passkeyId] = [uuidv7(), uuidv7()];
  await database.execute(sql`insert into sessions (id, user_id) values (${sessionId}, ${userId})`);
  for (const id of [passkeyId, uuidv7()]) await insertPasskeyRow(database, { id, userId });
  return { sessionId, passkeyId };
}

/**
 * Returns an action's valid argument with `id` in every field that could name what it changes. The other user's
 * `userId` and `sessionId` are additional fields, which the action must ignore.
 */
function replaceIds(action: Action, target: Target, id: string): unknown[] {
  const [validArgument] = getValidArguments(action, target);
  const { userId, sessionId } = target.otherUser;
  return [{ ...(validArgument as object), id, challengeId: id, userId, sessionId, passkeyId: id }];
}

/** The self-service actions whose argument contains an id. */
const ACTIONS_WITH_ID = ['removeOwnPasskey', 'renameOwnPasskey', 'savePasskey', 'signOutBrowser'];

targetTest.describe('self-service actions', () => {
  targetTest(
    'refuses every self-service action without an active session',
    async ({ installation, target, newCaller, database }) => {
      const [callerWithEndedSession, inactiveCaller] = [
        await newCaller('settings_administrator'),
        await newCaller('settings_administrator'),
      ];
      for (const caller of [callerWithEndedSession, inactiveCaller]) await insertOwnRows(database, caller);
      await database.execute(
        sql`update sessions set ended_at = now() where user_id = ${callerWithEndedSession.userId}`,
      );
      await database.execute(sql`update users set active = false where id = ${inactiveCaller.userId}`);
      const read = async () => [
        await readTargetState(database, target),
        await readUserState(database, callerWithEndedSession),
        await readUserState(database, inactiveCaller),
      ];
      const before = await read();
      const actions = await listSelfServiceActions();
      expect(actions.length).toBeGreaterThan(5);
      const calls = actions.flatMap((action) =>
        [undefined, callerWithEndedSession.cookies, inactiveCaller.cookies].map((cookies) => ({
          action,
          cookies,
        })),
      );
      await forEachConcurrently(calls, async ({ action, cookies }) => {
        const args = getValidArguments(action, target);
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
        const { sessionId, passkeyId } = await insertOwnRows(database, caller);
        const call = async (action: Action, args: unknown[]) =>
          callFromPage(installation, { action, args, cookies: caller.cookies });
        const before = await readTargetState(database, target);
        const actions = await listSelfServiceActions();
        const actionsWithId = actions.filter((action) => {
          const [argument] = getValidArguments(action, target);
          return (
            typeof argument === 'object' &&
            argument !== null &&
            ('id' in argument || 'challengeId' in argument)
          );
        });
        expect(actionsWithId.map(({ name }) => name).toSorted()).toEqual(ACTIONS_WITH_ID);
        const calls = actionsWithId.flatMap((action) => target.otherUser.ids.map((id) => ({ action, id })));
        await forEachConcurrently(calls, async ({ action, id }) =>
          expect(await call(action, replaceIds(action, target, id)), action.name).toContain('"ok":false'),
        );
        // The same actions succeed on the caller's own data, so the refusals are due to the other user's ids. Only
        // `savePasskey` is missing, because it needs a real authenticator.
        for (const [name, id] of [
          ['signOutBrowser', sessionId],
          ['renameOwnPasskey', passkeyId],
          ['removeOwnPasskey', passkeyId],
        ] as const) {
          const action = await findAction(name);
          expect(await call(action, replaceIds(action, target, id)), name).toContain('"ok":true');
        }
        // Actions without an id apply to the caller and ignore the other user's ids.
        const actionsWithoutId = actions.filter((action) => !actionsWithId.includes(action));
        for (const action of actionsWithoutId)
          await call(action, replaceIds(action, target, target.otherUser.sessionId));
        expect(await readTargetState(database, target)).toEqual(before);
      },
    );
  }

  targetTest(
    "refuses another user's challenge, and does not consume it",
    async ({ installation, target, database, newCaller }) => {
      const { cookies } = await newCaller('settings_administrator');
      const before = await readTargetState(database, target);
      const action = await findAction('submitReauth');
      const base64 = 'AAAA';
      const response = {
        id: target.otherUser.passkeyId.replaceAll('-', ''),
        rawId: base64,
        type: 'public-key',
        clientExtensionResults: {},
        response: { clientDataJSON: base64, authenticatorData: base64, signature: base64 },
      };
      await forEachConcurrently(target.otherUser.ids, async (challengeId) => {
        const args = [{ kind: 'passkey', challengeId, response }];
        expect(await callFromPage(installation, { action, args, cookies })).toContain('"ok":false');
      });
      expect(await readTargetState(database, target)).toEqual(before);
    },
  );
});
