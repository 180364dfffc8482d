import { describe, expect, it } from 'vitest';
import { newApiAccountSchema } from '../../lib/api-accounts/schema.ts';
import { IMPORT_COLUMNS, parseImportRow } from '../../lib/bulk-jobs/import-row.ts';
import { readAccountFile } from './account-rows.ts';
import { formatCsv } from './csv.ts';

/** Cells by column. */
const ROWS: Record<string, string>[] = [
  {},
  { requestsPerMinute: '600', scopes: 'orders:write, orders:read', allowedNetworks: '192.0.2.7;10.0.0.0/8' },
  { requestsPerMinute: 'none', scopes: 'all', allowedNetworks: 'anywhere', expiresAt: 'never' },
  { expiresAt: '2097-01-31T23:59:59.5+01:00', notes: 'First line\nsecond line', phoneConfirmed: 'Yes' },
  { phoneConfirmed: '0' },
];

describe('the rows of accounts import', () => {
  it.each(ROWS)('mean the same as in an import on the settings pages: %o', (cells) => {
    const row: Record<string, string> = {
      username: 'Théâtre',
      email: 'it@example.com',
      phone: '+447894123456',
      ...cells,
    };
    const columns = IMPORT_COLUMNS;
    const text = formatCsv([columns, columns.map((column) => row[column] ?? '')]);
    const { rows } = readAccountFile('accounts.csv', Buffer.from(text));
    const { phoneConfirmed, ...account } = rows[0]?.account ?? {};
    const isPhoneConfirmed = phoneConfirmed === undefined ? {} : { isPhoneConfirmed: phoneConfirmed };
    const expected = newApiAccountSchema.parse({ ...account, ...isPhoneConfirmed });
    expect(
      parseImportRow(
        columns,
        columns.map((column) => row[column] ?? ''),
      ).account,
    ).toEqual(expected);
  });
});
