import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEvents } from '#db/schema/audit-events.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { listAuditLog } from '#lib/audit/list.ts';
import { auditFilterSchema } from '#lib/audit/schema.ts';
import { openReveal } from '#lib/key-delivery/reveal/open.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  readCurrentReveal,
  revealKey,
} from '#lib/testing/accounts.ts';
import { setSmsPolicy } from '#lib/testing/sms.ts';
import { readAccount } from './read-account.ts';
import { resetApiKey } from './reset-key.ts';
import type { AccountDetails, AccountSummary } from './schema.ts';
import { readSummary } from './summary.ts';
import { updateApiAccount } from './update.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

type Edit = Partial<
  Pick<
    AccountDetails,
    'email' | 'phone' | 'active' | 'version' | 'requestsPerMinute' | 'displayName' | 'notes'
  >
>;
const edit = (account: AccountSummary, change: Edit, by = administrator) => {
  const { id, version, email, phone, active } = account;
  return updateApiAccount(db.database, by, { id, version, email, phone, active, ...change });
};
const readActions = async (accountId: string) => {
  const rows = await db.database.select().from(auditEvents).where(eq(auditEvents.accountId, accountId));
  return rows.map((row) => row.action);
};
const readEdits = async (accountId: string) => {
  const filter = auditFilterSchema.parse({ account: accountId, action: 'api_account.edited' });
  const { entries } = await listAuditLog(db.database, administrator, filter);
  return entries.map(({ details }) => details).reverse();
};

describe('updateApiAccount', () => {
  it('deactivates and reactivates without changing the key', async () => {
    const account = await createTestAccount(db.database, administrator);
    await revealKey(db.database, account.id);
    const { keyDigest } = await readCurrentReveal(db.database, account.id);
    const deactivated = await edit(account, { active: false });
    expect(deactivated).toMatchObject({
      ok: true,
      wasRevealRestarted: false,
      account: { status: 'inactive' },
    });
    const reactivated = await edit(account, { active: true, version: 2 });
    expect(reactivated).toMatchObject({ ok: true, account: { status: 'active', version: 3 } });
    expect((await readCurrentReveal(db.database, account.id)).keyDigest).toEqual(keyDigest);
    const actions = await readActions(account.id);
    expect(actions.slice(-2)).toEqual(['api_account.deactivated', 'api_account.reactivated']);
    expect(actions.filter((action) => action === 'reveal.started')).toHaveLength(1);
  });

  it('restarts an open reveal when a contact detail changes', async () => {
    await setSmsPolicy(db.database, { countries: ['NO'] });
    const account = await createTestAccount(db.database, administrator);
    const before = await readCurrentReveal(db.database, account.id);
    const result = await edit(account, { phone: '+4740612345' });
    expect(result).toMatchObject({ ok: true, wasRevealRestarted: true, account: { phone: '+4740612345' } });
    expect(await openReveal(db.database, before.token)).toEqual({ ok: false, reason: 'invalid_link' });
    const after = await readCurrentReveal(db.database, account.id);
    expect(after).toMatchObject({ phone: '+4740612345', email: 'it@example.com' });
    await revealKey(db.database, account.id);
  });

  it.each([
    ['shown', (id: string) => revealKey(db.database, id)],
    ['expired', (id: string) => letTimePass(db.database, id, '25 hours')],
  ])('does not restart a reveal that is %s', async (_, end) => {
    const account = await createTestAccount(db.database, administrator);
    await end(account.id);
    const before = await readCurrentReveal(db.database, account.id);
    const result = await edit(account, { email: 'new@example.com' });
    expect(result).toMatchObject({
      ok: true,
      wasRevealRestarted: false,
      account: { email: 'new@example.com' },
    });
    expect((await readCurrentReveal(db.database, account.id)).id).toBe(before.id);
  });

  it('sets, changes and removes a limit, records each, and does not restart the reveal', async () => {
    const account = await createTestAccount(db.database, administrator);
    const before = await readCurrentReveal(db.database, account.id);
    for (const [version, requestsPerMinute] of [60, 1_000_000, null].entries()) {
      const result = await edit(account, { version: version + 1, requestsPerMinute });
      expect(result).toMatchObject({ ok: true, wasRevealRestarted: false, account: { requestsPerMinute } });
    }
    expect((await readCurrentReveal(db.database, account.id)).id).toBe(before.id);
    expect(await openReveal(db.database, before.token)).toMatchObject({ ok: true });
    const { email, phone } = account;
    const createDetails = (requestsPerMinute: number | null) => ({ email, phone, requestsPerMinute });
    expect(await readEdits(account.id)).toEqual([
      { before: createDetails(null), after: createDetails(60) },
      { before: createDetails(60), after: createDetails(1_000_000) },
      { before: createDetails(1_000_000), after: createDetails(null) },
    ]);
  });

  it('saves the display name and the notes, and records only that the notes changed', async () => {
    const account = await createTestAccount(db.database, administrator);
    const stale = { ...administrator, hasRecentAuth: false };
    const changes = { displayName: 'Théâtre du Port', notes: 'Ask Jane.\nMoves in May.' };
    const result = await edit(account, changes, stale);
    expect(result).toMatchObject({
      ok: true,
      wasRevealRestarted: false,
      account: { ...changes, version: 2 },
    });
    const [details] = await readEdits(account.id);
    expect(details).toMatchObject({
      before: { displayName: '' },
      after: { displayName: 'Théâtre du Port' },
      notesChanged: true,
    });
    expect(JSON.stringify(details)).not.toContain('Jane');
    // Without them, another client keeps them.
    await edit(account, { version: 2, active: false });
    expect(await readAccount(db.database, account.id)).toMatchObject({ ...changes, active: false });
  });

  it('keeps the limit if none is submitted, and the version if nothing changed', async () => {
    const account = await createTestAccount(db.database, administrator);
    await edit(account, { requestsPerMinute: 60 });
    const result = await edit(account, { version: 2, active: false });
    expect(result).toMatchObject({ ok: true, account: { requestsPerMinute: 60, status: 'inactive' } });
    expect(await edit(account, { version: 3, active: false, requestsPerMinute: 60 })).toMatchObject({
      account: { version: 3 },
    });
  });

  it('does not overwrite a limit saved by another administrator', async () => {
    const account = await createTestAccount(db.database, administrator);
    await edit(account, { requestsPerMinute: 60 });
    expect(await edit(account, { requestsPerMinute: 5 })).toMatchObject({
      ok: false,
      reason: 'changed',
      current: { requestsPerMinute: 60, version: 2 },
    });
  });

  it('records nothing if nothing changed', async () => {
    const account = await createTestAccount(db.database, administrator);
    const before = await readActions(account.id);
    expect(await edit(account, {})).toMatchObject({ ok: true, account: { version: 1 } });
    expect(await readActions(account.id)).toEqual(before);
  });

  it('returns a conflict to the second of two editors, with the author and the current values', async () => {
    const account = await createTestAccount(db.database, administrator);
    const other = await createTestAdministrator(db.database, 'Otto Editor');
    await edit(account, { email: 'first@example.com' }, other);
    const second = await edit(account, { email: 'second@example.com' });
    expect(second).toMatchObject({
      ok: false,
      reason: 'changed',
      changedBy: 'Otto Editor',
      current: { email: 'first@example.com', version: 2 },
    });
    expect(await edit(account, { email: 'second@example.com', version: 2 })).toMatchObject({ ok: true });
  });

  it('returns a conflict with the email address of an author without a name', async () => {
    const account = await createTestAccount(db.database, administrator);
    const nameless = await createTestAdministrator(db.database, '');
    await edit(account, { requestsPerMinute: 5 }, nameless);
    expect(await edit(account, { requestsPerMinute: 6 })).toMatchObject({
      reason: 'changed',
      changedBy: nameless.email,
    });
  });

  it('saves one of 20 concurrent edits', async () => {
    const account = await createTestAccount(db.database, administrator);
    const save = (_: unknown, index: number) => edit(account, { email: `editor${index}@example.com` });
    const results = await Promise.all(Array.from({ length: 20 }, save));
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(results.filter((result) => !result.ok && result.reason === 'changed')).toHaveLength(19);
  });

  it('returns not_found for an unknown account', async () => {
    const account = await createTestAccount(db.database, administrator);
    const unknown = { ...account, id: '00000000-0000-7000-8000-000000000000' };
    expect(await edit(unknown, {})).toEqual({ ok: false, reason: 'not_found' });
  });

  it('changes nothing, like resetApiKey and submitCode, if the audit event cannot be written', async () => {
    const ownDatabase = await createTestDatabase();
    const ownAdministrator = await createTestAdministrator(ownDatabase.database);
    const account = await createTestAccount(ownDatabase.database, ownAdministrator);
    await revealKey(ownDatabase.database, account.id);
    const before = await readCurrentReveal(ownDatabase.database, account.id);
    const uncollected = await createTestAccount(ownDatabase.database, ownAdministrator);
    const { token, code } = await readCurrentReveal(ownDatabase.database, uncollected.id);
    await ownDatabase.pool.query('alter table audit_events add check (false) not valid');
    const { id, version, email, phone } = account;
    const input = { id, version, email, phone, active: false };
    await expect(updateApiAccount(ownDatabase.database, ownAdministrator, input)).rejects.toThrow();
    await expect(resetApiKey(ownDatabase.database, ownAdministrator, { id })).rejects.toThrow();
    await expect(submitCode(ownDatabase.database, { token, code })).rejects.toThrow();
    expect(await readCurrentReveal(ownDatabase.database, uncollected.id)).toMatchObject({
      keyDigest: null,
      endedAt: null,
    });
    expect(await readCurrentReveal(ownDatabase.database, account.id)).toEqual(before);
    await ownDatabase.drop();
  });
});

describe('resetApiKey', () => {
  it('revokes the key immediately, and keeps an inactive account inactive', async () => {
    const account = await createTestAccount(db.database, administrator);
    await revealKey(db.database, account.id);
    await edit(account, { active: false });
    const result = await resetApiKey(db.database, administrator, { id: account.id });
    const { id, username, email, phone } = account;
    const delivery = { id, username, email, phone, smsBlockedReason: null };
    expect(result).toEqual({ ok: true, account: delivery, oldKeyExpiresAt: null });
    const summary = await readSummary(db.database, id);
    expect(summary).toMatchObject({ status: 'inactive', isRevealOpen: true });
    expect((await readCurrentReveal(db.database, account.id)).keyDigest).toBeNull();
  });
});
