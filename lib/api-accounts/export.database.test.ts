import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEvents } from '#db/schema/audit-events.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, revealKey } from '#lib/testing/accounts.ts';
import { exportApiAccounts } from './export.ts';
import type { AccountFilter } from './list-filter.ts';

let db: TestDatabase;
let administrator: Administrator;
const MANY = 1_200;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  const { id } = await createTestAccount(db.database, administrator, { username: 'Théâtre "North"' });
  await revealKey(db.database, id);
  await createTestAccount(db.database, administrator, { username: '=cmd|calc' });
  await db.pool.query("update api_accounts set display_name = '@SUM(1)' where username = '=cmd|calc'");
  await db.pool.query(
    `insert into api_accounts (id, username, username_folded, email, phone)
     select gen_random_uuid(), 'Many ' || n, 'many ' || n, 'm@example.com', '+447894123456' from generate_series(1, $1::int) n`,
    [MANY],
  );
});
afterAll(() => db.drop());

async function exportAll(filter: Partial<AccountFilter> = {}): Promise<string[]> {
  const chunks = await exportApiAccounts(db.database, administrator, {
    search: '',
    status: 'all',
    ...filter,
  });
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text.split('\r\n');
}

describe('exportApiAccounts', () => {
  it('begins with a byte-order mark and the names of the columns', async () => {
    const [header] = await exportAll({ search: 'no such' });
    expect(header).toBe(
      '\ufeff"username","display_name","email","phone","status","requests_per_minute","last_used_at","created_at","id"',
    );
  });

  it('exports what the filter selects, without anything that a spreadsheet runs as a formula', async () => {
    const [, active, end] = await exportAll({ status: 'active' });
    expect(active).toMatch(
      /^"Théâtre ""North""","","it@example\.com","'\+447894123456","active","","","[\d-]{10}T[\d:.]+Z","[\da-f-]{36}"$/,
    );
    expect(end).toBe('');
    const [, escaped] = await exportAll({ search: 'cmd' });
    expect(escaped).toMatch(/^"'=cmd\|calc","'@SUM\(1\)",.*"awaiting_collection"/);
  });

  it('exports each account once, in batches', async () => {
    const lines = await exportAll({ search: 'many' });
    expect(new Set(lines.slice(1, -1)).size).toBe(MANY);
    expect(lines).toHaveLength(MANY + 2);
  });

  it('is recorded in the audit log with its filter, before the first line is read', async () => {
    await exportApiAccounts(db.database, administrator, { search: 'North', status: 'needs_attention' });
    const events = await db.database
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.action, 'api_accounts.exported'));
    expect(events.at(-1)).toMatchObject({
      userId: administrator.userId,
      ipAddress: administrator.ipAddress,
      details: { format: 'csv', filter: { search: 'North', status: 'needs_attention' } },
    });
  });
});
