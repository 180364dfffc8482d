import { OPENINGS_PER_LINK } from '#lib/key-delivery/reveal/limits.ts';
import { currentReveal } from '#lib/testing/accounts.ts';
import { atScale } from '#lib/testing/scale.ts';
import { findAction } from './fixtures/call-action.ts';
import { callFromPage, sameOriginHeaders } from './fixtures/callers.ts';
import { forEachConcurrently, send } from './fixtures/requests.ts';
import { readState } from './fixtures/state.ts';
import { targetTest } from './fixtures/target.ts';
import { expect } from './fixtures/test.ts';

/** The number of times that each request is sent. */
const REPETITIONS = atScale({ normal: 3, soak: 100 });

type State = Record<string, unknown> & { reveals: Record<string, unknown>[] };

/** Returns what may not change: everything except the record of openings. */
function withoutOpenings(state: unknown): unknown {
  const { openings: _, reveals, ...others } = state as State;
  return { ...others, reveals: reveals.map(({ xmin: __, openings: ___, ...reveal }) => reveal) };
}

targetTest.describe('emailed links', () => {
  targetTest(
    'changes only the record of openings if a link is opened or an empty form is sent',
    async ({ installation, newTarget, database }) => {
      const target = await newTarget();
      const { token, noticeToken, invited } = target;
      const before = (await readState(database, target)) as State;
      const call = async (name: string, args: unknown[]) =>
        callFromPage(installation, { action: await findAction(name), args });
      const links = [
        { path: '/reveal', open: 'openLink', linkToken: token, submit: 'showKey', empty: { code: '' } },
        {
          path: '/not-us',
          open: 'openChangeNotice',
          linkToken: noticeToken,
          submit: 'submitChangeReport',
          empty: null,
        },
        {
          path: '/set-password',
          open: 'openEmailLink',
          linkToken: invited.token,
          submit: 'setNewPassword',
          empty: { name: '', password: '' },
        },
      ];
      const requests = links.flatMap(({ path, open, linkToken, submit, empty }) => [
        ...['GET', 'HEAD', 'OPTIONS'].map((method) => async () => {
          // Browsers do not send fragments, but a link scanner may send one as a query.
          for (const suffix of ['', `?${linkToken}`]) {
            const { status } = await send(installation.webUrl, { method, path: path + suffix });
            expect(status < 500, `${method} ${path}`).toBe(true);
          }
        }),
        async () => expect(await call(open, [{ token: linkToken }]), open).toContain('"ok":true'),
        // Without JavaScript, a browser sends the form to its page.
        async () => {
          const headers = {
            ...sameOriginHeaders(installation),
            'content-type': 'application/x-www-form-urlencoded',
          };
          const { status } = await send(installation.webUrl, { method: 'POST', path, headers, body: '' });
          expect(status < 500, `POST ${path}`).toBe(true);
        },
        async () => {
          for (const args of [
            [],
            [{}],
            [{ ...empty, token: '' }],
            ...(empty ? [[{ token: linkToken, ...empty }]] : []),
          ])
            expect(await call(submit, args), submit).toContain('"ok":false');
        },
      ]);
      const repeated = Array.from({ length: REPETITIONS }, () => requests).flat();
      await forEachConcurrently(repeated, (request) => request());

      const after = (await readState(database, target)) as State;
      expect(withoutOpenings(after)).toEqual(withoutOpenings(before));
      const opened = after.reveals.find(({ ended_at: endedAt }) => endedAt === null);
      expect(opened).toMatchObject({ openings: Math.min(OPENINGS_PER_LINK, REPETITIONS) });

      // The links still work.
      const { code } = await currentReveal(database, target.id);
      expect(await call('showKey', [{ token, code }])).toContain('"ok":true');
      expect(await call('submitChangeReport', [{ token: noticeToken }])).toContain('"ok":true');
      const accepted = { token: invited.token, name: 'Grace Hopper', password: 'a quiet lamp on the stairs' };
      expect(await call('setNewPassword', [accepted])).toContain('"ok":true');
    },
  );
});
