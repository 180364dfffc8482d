import { OPENINGS_PER_LINK } from '#lib/key-delivery/reveal/limits.ts';
import { readCurrentReveal } from '#lib/testing/accounts.ts';
import { atScale } from '#lib/testing/scale.ts';
import { findAction } from './fixtures/call-action.ts';
import { callFromPage, createSameOriginHeaders } from './fixtures/callers.ts';
import { forEachConcurrently, send } from './fixtures/requests.ts';
import { readTargetState } from './fixtures/state.ts';
import { targetTest } from './fixtures/target.ts';
import { expect } from './fixtures/test.ts';

/** How often the test sends each request. */
const REPETITIONS = atScale({ normal: 3, soak: 100 });

type TargetState = Record<string, unknown> & { reveals: Record<string, unknown>[] };

/**
 * Removes the record of openings from a state. The rest must not change. Counting an opening writes the reveal's row, so
 * its `xmin` changes too.
 */
function removeOpenings(state: unknown): unknown {
  const { openings: _, reveals, ...others } = state as TargetState;
  return { ...others, reveals: reveals.map(({ xmin: __, openings: ___, ...reveal }) => reveal) };
}

targetTest.describe('emailed links', () => {
  targetTest(
    'changes only the record of openings if a link is opened or an empty form is sent',
    async ({ installation, newTarget, database }) => {
      const target = await newTarget();
      const { token, noticeToken, invited } = target;
      const before = (await readTargetState(database, target)) as TargetState;
      const call = async (name: string, args: unknown[]) =>
        callFromPage(installation, { action: await findAction(name), args });
      const links = [
        {
          path: '/reveal',
          openAction: 'openLink',
          linkToken: token,
          submitAction: 'showKey',
          emptyForm: { code: '' },
        },
        {
          path: '/report-change',
          openAction: 'openChangeNotice',
          linkToken: noticeToken,
          submitAction: 'submitChangeReport',
          // The form has no fields, so sending it with the token reports the change.
          emptyForm: null,
        },
        {
          path: '/set-password',
          openAction: 'openEmailLink',
          linkToken: invited.token,
          submitAction: 'setNewPassword',
          emptyForm: { name: '', password: '' },
        },
      ];
      const requests = links.flatMap(({ path, openAction, linkToken, submitAction, emptyForm }) => [
        ...['GET', 'HEAD', 'OPTIONS'].map((method) => async () => {
          // Browsers do not send fragments, but a link scanner may send one as a query.
          for (const suffix of ['', `?${linkToken}`]) {
            const { status } = await send(installation.webUrl, { method, path: path + suffix });
            expect(status < 500, `${method} ${path}`).toBe(true);
          }
        }),
        async () => expect(await call(openAction, [{ token: linkToken }]), openAction).toContain('"ok":true'),
        // Without JavaScript, a browser would send the form to its own page.
        async () => {
          const headers = {
            ...createSameOriginHeaders(installation),
            'content-type': 'application/x-www-form-urlencoded',
          };
          const { status } = await send(installation.webUrl, { method: 'POST', path, headers, body: '' });
          expect(status < 500, `POST ${path}`).toBe(true);
        },
        async () => {
          for (const args of [
            [],
            [{}],
            [{ ...emptyForm, token: '' }],
            ...(emptyForm ? [[{ token: linkToken, ...emptyForm }]] : []),
          ])
            expect(await call(submitAction, args), submitAction).toContain('"ok":false');
        },
      ]);
      const repeated = Array.from({ length: REPETITIONS }, () => requests).flat();
      await forEachConcurrently(repeated, (request) => request());

      const after = (await readTargetState(database, target)) as TargetState;
      expect(removeOpenings(after)).toEqual(removeOpenings(before));
      const openReveal = after.reveals.find(({ ended_at: endedAt }) => endedAt === null);
      expect(openReveal).toMatchObject({ openings: Math.min(OPENINGS_PER_LINK, REPETITIONS) });

      // The links still work.
      const { code } = await readCurrentReveal(database, target.id);
      expect(await call('showKey', [{ token, code }])).toContain('"ok":true');
      expect(await call('submitChangeReport', [{ token: noticeToken }])).toContain('"ok":true');
      const invitation = {
        token: invited.token,
        name: 'Grace Hopper',
        password: 'a quiet lamp on the stairs',
      };
      expect(await call('setNewPassword', [invitation])).toContain('"ok":true');
    },
  );
});
