import { freePort } from '#db/processes.ts';
import { atScale } from '#lib/testing/scale.ts';
import { type Action, builtAction, callAction } from './fixtures/call-action.ts';
import { own } from './fixtures/callers.ts';
import { startWebProcess } from './fixtures/services.ts';
import { expect, test, type Where } from './fixtures/test.ts';

const ROUNDS = atScale({ normal: 1, soak: 200 });
const SUBMISSIONS = 50;

/** Submits a code at one web process, from an address of its own, and returns the key if it is shown. */
async function submitCode(where: Where, action: Action, submitted: { token: string; code: string }) {
  const url = where.webUrl + action.page;
  const response = await callAction({ url, action, args: [submitted], headers: own(where) });
  return /"key":"([0-9A-Za-z]{64})"/.exec(response)?.[1];
}

test('one code shows one key, whichever web process its submissions reach', async ({
  where,
  apiAccount,
  verify,
}) => {
  const port = await freePort();
  const second = await startWebProcess(where, { TRUSTED_PROXIES: '1', PORT: String(port) });
  const processes = [where, { ...where, webUrl: `http://localhost:${port}` }];
  const action = await builtAction('showKey');
  for (let round = 0; round < ROUNDS; round += 1) {
    const { link, code, username } = await apiAccount();
    const token = new URL(link).hash.slice(1);
    const submissions = Array.from({ length: SUBMISSIONS }, (_, index) =>
      submitCode(processes[index % 2] as Where, action, { token, code }),
    );
    const keys = (await Promise.all(submissions)).filter((key) => key !== undefined);
    expect(keys).toHaveLength(1);
    expect(await verify(keys[0] ?? '')).toMatchObject({ status: 200, username });
  }
  await second.stop();
});
