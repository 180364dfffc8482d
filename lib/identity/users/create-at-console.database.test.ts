import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import { createUserAtConsole } from './create-at-console.ts';
import { listUsers } from './list.ts';
import { editUserSchema } from './schema.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

const createViewer = (email: string, name?: string) =>
  createUserAtConsole(db.database, { email, name, role: 'settings_viewer' });

test('uses the email address as the name if there is none, truncated so that the editor accepts it', async () => {
  const email = `${'a'.repeat(60)}@${'b'.repeat(60)}.example.com`;
  expect(await createViewer(email)).toMatchObject({ ok: true, email });
  const [user] = await listUsers(db.database, {} as Viewer);
  expect(user).toMatchObject({ email, name: email.slice(0, 100) });
  expect(editUserSchema.safeParse({ ...user, active: false }).success).toBe(true);
});

test.each(['\ue000gro', '\ud800', 'a'.repeat(101)])('rejects the name %j', async (name) => {
  expect(await createViewer('bob@example.com', name)).toEqual({ ok: false, reason: 'malformed_name' });
});
