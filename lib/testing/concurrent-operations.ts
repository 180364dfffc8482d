import { randomUUID } from 'node:crypto';
import type { Database } from '#db/client.ts';
import { endOldKey } from '#lib/api-accounts/end-old-key.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { readOutCode } from '#lib/key-delivery/reveal/read-out-code.ts';
import { requestNewCode } from '#lib/key-delivery/reveal/request-new-code.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import { revokeLeakedKeys } from '#lib/leaks/revoke-leaked-keys.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';
import { makeWrongCode } from './accounts.ts';

/** The state in which the concurrent operations start. */
export type InitialState = {
  /** The database that interleaves the operations' statements. */
  database: Database;
  administrator: Administrator;
  account: AccountSummary;
  /** The current link and its code. */
  link: { id: string; token: string; code: string; codeGeneration: number };
  /** The key that a reset has replaced, and that may still work; null if there was none. */
  oldKey: string | null;
  /** Id of the SMS that carries the code. */
  smsId: string;
};

/** The outcome of an operation, with the key if one was shown. */
export type Outcome = { operation: Operation; isDone: boolean; key?: string };
export type Operation = keyof typeof OPERATIONS;

const saveAccount = ({ database, administrator, account }: InitialState, change: Partial<AccountSummary>) => {
  const { id, version, email, phone, active } = account;
  return updateApiAccount(database, administrator, { id, version, email, phone, active, ...change });
};

/** Operations that can run concurrently. */
const OPERATIONS = {
  'right code': ({ database, link }: InitialState) => submitCode(database, link),
  'wrong code': ({ database, link }: InitialState) =>
    submitCode(database, { token: link.token, code: makeWrongCode(link.code) }),
  'new code': ({ database, link }: InitialState) => requestNewCode(database, link.token),
  'read out code': ({ database, administrator, account, link }: InitialState) => {
    const request = { id: account.id, revealId: link.id, requestId: randomUUID() };
    return readOutCode(database, administrator, request, 1_000_000);
  },
  reset: ({ database, administrator, account }: InitialState) =>
    resetApiKey(database, administrator, { id: account.id }),
  'reset with overlap': ({ database, administrator, account }: InitialState) =>
    resetApiKey(database, administrator, { id: account.id, oldKey: 'on_collection' }),
  'end old key': ({ database, administrator, account }: InitialState) =>
    endOldKey(database, administrator, { id: account.id }),
  'change email': (initialState: InitialState) =>
    saveAccount(initialState, { email: 'corrected@example.com' }),
  'report leaked key': async ({ database, oldKey }: InitialState) => {
    await revokeLeakedKeys(database, oldKey === null ? [] : [{ key: oldKey, url: null }], {
      ...{ source: 'page', ipAddress: '192.0.2.1' },
    });
    return { ok: true };
  },
  deactivate: (initialState: InitialState) => saveAccount(initialState, { active: false }),
  // The part of sending that can change the reveal.
  'send SMS': async ({ database, smsId }: InitialState) => ({
    ok: (await prepareMessage(database, smsId)) !== null,
  }),
};

export const OPERATION_NAMES = Object.keys(OPERATIONS) as Operation[];

export async function performOperation(operation: Operation, initialState: InitialState): Promise<Outcome> {
  const result: { ok: boolean; key?: string } = await OPERATIONS[operation](initialState);
  return { operation, isDone: result.ok, ...(result.key ? { key: result.key } : {}) };
}
