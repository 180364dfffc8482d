import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { ARGUMENTS } from './fixtures/action-arguments.ts';
import { builtActions, callAction, isOnesOwn } from './fixtures/call-action.ts';
import { ACCOUNT_PAGE } from './fixtures/factors.ts';
import { signIn, someDetails } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

test('what each person does for themselves, nobody does without a session', async ({
  where,
  newUser,
  openPage,
  database,
}) => {
  const page = await openPage();
  const person = await newUser('settings_administrator');
  await signIn(page, person);
  const ended = await page.context().storageState();
  await database.execute(
    sql`update sessions set ended_at = now() from users
      where users.id = sessions.user_id and users.email = ${person.email}`,
  );
  const own = (await builtActions()).filter(isOnesOwn);
  expect(own.length).toBeGreaterThan(5);
  const subject = {
    id: randomUUID(),
    details: someDetails(),
    token: '',
    opening: '',
    noticeToken: '',
    objectedId: '',
    fresh: someDetails(),
  };
  for (const cookies of [undefined, ended]) {
    for (const action of own) {
      const answer = await callAction({
        url: where.webUrl + ACCOUNT_PAGE,
        action,
        args: ARGUMENTS[action.name]?.(subject) ?? [],
        cookies,
        headers: { origin: where.webUrl, 'sec-fetch-site': 'same-origin' },
      });
      expect(answer, action.name).toContain('signed_out');
      expect(answer, action.name).not.toContain('"ok":true');
    }
  }
});
