import { OPENINGS_PER_LINK } from '#lib/key-delivery/reveal/limits.ts';
import { presentReveal } from '#lib/testing/accounts.ts';
import { atScale } from '#lib/testing/scale.ts';
import { builtAction, callAction } from './fixtures/call-action.ts';
import { own } from './fixtures/callers.ts';
import { forEachConcurrently, send } from './fixtures/requests.ts';
import { state } from './fixtures/state.ts';
import { subjectTest } from './fixtures/subject.ts';
import { expect } from './fixtures/test.ts';

/** How often each link is requested in each way. */
const TIMES = atScale({ normal: 3, soak: 100 });

type Read = Record<string, unknown> & { reveals: Record<string, unknown>[] };

/** What may not change: everything but the count of openings, and the time of each of the first. */
function withoutOpenings(read: unknown): unknown {
  const { openings: _, reveals, ...others } = read as Read;
  return { ...others, reveals: reveals.map(({ xmin: __, openings: ___, ...reveal }) => reveal) };
}

subjectTest(
  'opening a link changes nothing, and neither does an empty form',
  async ({ where, newSubject, database }) => {
    const subject = await newSubject();
    const { token, noticeToken, invited } = subject;
    const before = (await state(database, subject)) as Read;
    const call = async (name: string, args: unknown[]) => {
      const action = await builtAction(name);
      return callAction({ url: where.webUrl + action.page, action, args, headers: own(where) });
    };
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
        open: 'openPasswordLink',
        linkToken: invited.token,
        submit: 'setNewPassword',
        empty: { name: '', password: '' },
      },
    ];
    const requests = links.flatMap(({ path, open, linkToken, submit, empty }) => [
      ...['GET', 'HEAD', 'OPTIONS'].map((method) => async () => {
        // A browser sends no fragment. A scanner that mistakes it for a part of the path or query does.
        for (const suffix of ['', `?${linkToken}`]) {
          const { status } = await send(where.webUrl, { method, path: path + suffix });
          expect(status < 500, `${method} ${path}`).toBe(true);
        }
      }),
      async () => expect(await call(open, [{ token: linkToken }]), open).toContain('"ok":true'),
      // Without JavaScript a form is sent to its page.
      async () => {
        const headers = { ...own(where), 'content-type': 'application/x-www-form-urlencoded' };
        const { status } = await send(where.webUrl, { method: 'POST', path, headers, body: '' });
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
    const repeated = Array.from({ length: TIMES }, () => requests).flat();
    await forEachConcurrently(repeated, (request) => request());

    const after = (await state(database, subject)) as Read;
    expect(withoutOpenings(after)).toEqual(withoutOpenings(before));
    const opened = after.reveals.find(({ ended_at: endedAt }) => endedAt === null);
    expect(opened).toMatchObject({ openings: Math.min(OPENINGS_PER_LINK, TIMES) });

    // The links still work.
    const { code } = await presentReveal(database, subject.id);
    expect(await call('showKey', [{ token, code }])).toContain('"ok":true');
    expect(await call('submitChangeReport', [{ token: noticeToken }])).toContain('"ok":true');
    const accepted = { token: invited.token, name: 'Grace Hopper', password: 'a quiet lamp on the stairs' };
    expect(await call('setNewPassword', [accepted])).toContain('"ok":true');
  },
);
