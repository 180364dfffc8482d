import type { Database } from '#db/client.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { requestNewCode } from '#lib/key-delivery/reveal/request-new-code.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { prepareMessage } from '#lib/worker/prepare-message.ts';
import { wrongCode } from './accounts.ts';

/** What the racers know when they start: each acts on what it saw then. */
export type Start = {
  /** Where the statements are interleaved. */
  database: Database;
  administrator: Administrator;
  account: AccountSummary;
  /** The present link and its code. */
  link: { id: string; token: string; code: string; codeGeneration: number };
  /** The text that carries the code. */
  textId: string;
};

/** What came of an act: a key where one was shown; otherwise whether it was done. */
export type Outcome = { act: RacingAct; done: boolean; key?: string };
export type RacingAct = keyof typeof RACING;

const save = ({ database, administrator, account }: Start, change: Partial<AccountSummary>) => {
  const { id, version, email, phone, active } = account;
  return updateApiAccount(database, administrator, { id, version, email, phone, active, ...change });
};

/** What may happen at the same moment. */
const RACING = {
  'right code': ({ database, link }: Start) => submitCode(database, link),
  'wrong code': ({ database, link }: Start) =>
    submitCode(database, { token: link.token, code: wrongCode(link.code) }),
  'new code': ({ database, link }: Start) => requestNewCode(database, link.token),
  reset: ({ database, administrator, account }: Start) =>
    resetApiKey(database, administrator, { id: account.id }),
  readdress: (start: Start) => save(start, { email: 'corrected@example.com' }),
  untick: (start: Start) => save(start, { active: false }),
  'send text': async ({ database, textId }: Start) => ({
    ok: (await prepareMessage(database, textId)) !== null,
  }),
};

/** Every act that can take part. */
export const RACING_ACTS = Object.keys(RACING) as RacingAct[];

/** Does one act. */
export async function race(act: RacingAct, start: Start): Promise<Outcome> {
  const answer: { ok: boolean; key?: string } = await RACING[act](start);
  return { act, done: answer.ok, ...(answer.key ? { key: answer.key } : {}) };
}
