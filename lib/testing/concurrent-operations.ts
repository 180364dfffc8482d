import type { Database } from '#db/client.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { requestNewCode } from '#lib/key-delivery/reveal/request-new-code.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';
import { wrongCode } from './accounts.ts';

/** What the concurrent operations know: the state before they start. */
export type Start = {
  /** The database that interleaves their statements. */
  database: Database;
  administrator: Administrator;
  account: AccountSummary;
  /** The current link and its code. */
  link: { id: string; token: string; code: string; codeGeneration: number };
  /** Id of the SMS that carries the code. */
  smsId: string;
};

/** The outcome of an operation, with the key if one was shown. */
export type Outcome = { operation: Operation; done: boolean; key?: string };
export type Operation = keyof typeof OPERATIONS;

const save = ({ database, administrator, account }: Start, change: Partial<AccountSummary>) => {
  const { id, version, email, phone, active } = account;
  return updateApiAccount(database, administrator, { id, version, email, phone, active, ...change });
};

/** Operations that can run concurrently. */
const OPERATIONS = {
  'right code': ({ database, link }: Start) => submitCode(database, link),
  'wrong code': ({ database, link }: Start) =>
    submitCode(database, { token: link.token, code: wrongCode(link.code) }),
  'new code': ({ database, link }: Start) => requestNewCode(database, link.token),
  reset: ({ database, administrator, account }: Start) =>
    resetApiKey(database, administrator, { id: account.id }),
  'change email': (start: Start) => save(start, { email: 'corrected@example.com' }),
  deactivate: (start: Start) => save(start, { active: false }),
  'send SMS': async ({ database, smsId }: Start) => ({
    ok: (await prepareMessage(database, smsId)) !== null,
  }),
};

export const OPERATION_NAMES = Object.keys(OPERATIONS) as Operation[];

/** Runs one operation. */
export async function perform(operation: Operation, start: Start): Promise<Outcome> {
  const result: { ok: boolean; key?: string } = await OPERATIONS[operation](start);
  return { operation, done: result.ok, ...(result.key ? { key: result.key } : {}) };
}
