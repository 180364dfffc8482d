import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEvents } from '#db/schema/audit-events.ts';
import { users } from '#db/schema/users.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { endUserSessions } from '#lib/identity/sessions/end-sessions.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { createTestUser } from '#lib/testing/test-users.ts';
import { updateOwnName } from './update-own-name.ts';

let db: TestDatabase;
let user: CurrentUser;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  user = await createTestUser(db.database);
});

const readUserRow = async () =>
  (await db.database.select().from(users).where(eq(users.id, user.userId)))[0] ?? null;
const readEdits = async () =>
  (await db.database.select().from(auditEvents).where(eq(auditEvents.targetUserId, user.userId))).filter(
    ({ action }) => action === 'user.edited',
  );

describe('updateOwnName', () => {
  it('changes the name, increases the version and records the change', async () => {
    const before = await readUserRow();
    expect(await updateOwnName(db.database, user, { name: 'Zoë Ødegård' })).toEqual({ ok: true });
    expect(await readUserRow()).toMatchObject({
      name: 'Zoë Ødegård',
      version: (before?.version ?? 0) + 1,
      updatedBy: user.userId,
    });
    expect(await readEdits()).toMatchObject([
      {
        userId: user.userId,
        details: { before: { name: before?.name }, after: { name: 'Zoë Ødegård' } },
      },
    ]);
  });

  it('records nothing if the name is the same', async () => {
    const before = await readUserRow();
    expect(await updateOwnName(db.database, user, { name: before?.name ?? '' })).toEqual({ ok: true });
    expect(await readUserRow()).toEqual(before);
    expect(await readEdits()).toEqual([]);
  });

  it('changes nothing after the session has ended', async () => {
    const before = await readUserRow();
    await withTransaction(db.database, (transaction) =>
      endUserSessions(transaction, user.userId, 'ended_by_user'),
    );
    expect(await updateOwnName(db.database, user, { name: 'X' })).toMatchObject({
      ok: false,
      reason: 'signed_out',
    });
    expect(await readUserRow()).toEqual(before);
  });
});
