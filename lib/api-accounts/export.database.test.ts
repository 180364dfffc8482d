import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEvents } from '#db/schema/audit-events.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { accountSchema } from '#lib/account-state/resource.ts';
import type { ExportFormat } from '#lib/audit/schema.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, revealKey } from '#lib/testing/accounts.ts';
import { atScale } from '#lib/testing/scale.ts';
import { exportApiAccounts } from './export.ts';
import type { AccountFilter } from './list-filter.ts';

let db: TestDatabase;
let administrator: Administrator;
const MANY = atScale({ normal: 1_200, soak: 1_000_000 });
const INSERTED_AT_ONCE = 10_000;
/** Lines of a batch. */
const BATCH_SIZE = 500;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  const { id } = await createTestAccount(db.database, administrator, { username: 'Théâtre "North"' });
  await revealKey(db.database, id);
  await createTestAccount(db.database, administrator, { username: '=cmd|calc' });
  await db.pool.query("update api_accounts set display_name = '@SUM(1)' where username = '=cmd|calc'");
  for (let inserted = 0; inserted < MANY; inserted += INSERTED_AT_ONCE) {
    await db.pool.query(
      `insert into api_accounts (id, username, username_folded, email, phone)
       select gen_random_uuid(), 'Many ' || n, 'many ' || n, 'm@example.com', '+447894123456'
         from generate_series($1::int, $2::int) n`,
      [inserted + 1, Math.min(inserted + INSERTED_AT_ONCE, MANY)],
    );
  }
});
afterAll(() => db.drop());

const startExport = (filter: Partial<AccountFilter> = {}, format: ExportFormat = 'csv') =>
  exportApiAccounts(db.database, administrator, { search: '', status: 'all', ...filter }, format);

async function exportAll(filter: Partial<AccountFilter> = {}): Promise<string[]> {
  let text = '';
  for await (const chunk of await startExport(filter)) text += chunk;
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

  it.each(['csv', 'jsonl'] as const)(
    'exports each account once as %s, and holds one batch at a time',
    async (format) => {
      const usernames = new Set<string | undefined>();
      let lines = 0;
      for await (const chunk of await startExport({ search: 'many' }, format)) {
        const found = chunk.match(/Many \d+/g) ?? [];
        expect(found.length).toBeLessThanOrEqual(BATCH_SIZE);
        lines += found.length;
        for (const username of found) usernames.add(username);
      }
      expect(lines).toBe(MANY);
      expect(usernames.size).toBe(MANY);
    },
  );

  it('exports accounts as the management API describes them, as JSON Lines', async () => {
    const lines = [];
    for await (const chunk of await startExport({ status: 'active' }, 'jsonl'))
      lines.push(...chunk.trimEnd().split('\n'));
    expect(lines).toHaveLength(1);
    const account = accountSchema.parse(JSON.parse(lines[0] ?? ''));
    expect(account).toMatchObject({ username: 'Théâtre "North"', status: 'active', phone: '+447894123456' });
  });

  it('is recorded in the audit log with its filter, before the first line is read', async () => {
    await startExport({ search: 'North', status: 'needs_attention' }, 'jsonl');
    const events = await db.database
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.action, 'api_accounts.exported'));
    expect(events.at(-1)).toMatchObject({
      userId: administrator.userId,
      ipAddress: administrator.ipAddress,
      details: { format: 'jsonl', filter: { search: 'North', status: 'needs_attention' } },
    });
  });
});
