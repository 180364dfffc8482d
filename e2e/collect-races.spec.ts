import { findFreePort } from '#db/processes.ts';
import { atScale } from '#lib/testing/scale.ts';
import { type Action, findAction } from './fixtures/call-action.ts';
import { callFromPage } from './fixtures/callers.ts';
import { startWebProcess } from './fixtures/services.ts';
import { expect, type Installation, test } from './fixtures/test.ts';

const ROUND_COUNT = atScale({ normal: 1, soak: 200 });
const SUBMISSION_COUNT = 50;

/** Submits a code to one web process, from a new IP address, and returns the key if it is shown. */
async function submitCode(
  installation: Installation,
  action: Action,
  tokenAndCode: { token: string; code: string },
) {
  const response = await callFromPage(installation, { action, args: [tokenAndCode] });
  return /"key":"([0-9A-Za-z]{64})"/.exec(response)?.[1];
}

test('shows one key if two web processes receive the same code many times concurrently', async ({
  installation,
  apiAccount,
  verify,
}) => {
  const port = await findFreePort();
  const second = await startWebProcess(installation, { TRUSTED_PROXIES: '1', PORT: String(port) });
  const processes = [installation, { ...installation, webUrl: `http://localhost:${port}` }];
  const action = await findAction('showKey');
  for (let round = 0; round < ROUND_COUNT; round += 1) {
    const { link, code, username } = await apiAccount();
    const token = new URL(link).hash.slice(1);
    const submissions = Array.from({ length: SUBMISSION_COUNT }, (_, index) =>
      submitCode(processes[index % 2] as Installation, action, { token, code }),
    );
    const keys = (await Promise.all(submissions)).filter((key) => key !== undefined);
    expect(keys).toHaveLength(1);
    expect(await verify(keys[0] ?? '')).toMatchObject({ status: 200, username });
  }
  await second.stop();
});
