import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import type pg from 'pg';
import { PgBoss } from 'pg-boss';
import { digestKey, generateKey } from '#lib/api-keys/api-key.ts';
import { hashPassword } from '#lib/identity/passwords/hash.ts';
import { PASSWORD } from './test-users.ts';
import { KEY_TAG } from './verifier.ts';

// Sets up an installation from before the migration 0007_standard_names. Uses SQL, because the current modules know only
// the new names.

const MIGRATIONS = fileURLToPath(new URL('../../db/migrations', import.meta.url));
const LAST_EARLIER_MIGRATION = '0006_links_have_their_messages';

const createId = (suffix: string) => `01940000-0000-7000-8000-${suffix.padStart(12, '0')}`;

/** Ids of the rows that tests read. */
export const EARLIER_IDS = {
  administrator: createId('a'),
  ssoUser: createId('b'),
  session: createId('50'),
  endedSession: createId('51'),
  pendingSignIn: createId('52'),
  activeAccount: createId('a1'),
  inactiveAccount: createId('a2'),
  undeliveredAccount: createId('a3'),
  openReveal: createId('f3'),
  openReport: createId('c1'),
  resolvedReport: createId('c2'),
  codeMessage: createId('d1'),
  reportMessage: createId('d2'),
  noticeMessage: createId('d3'),
} as const;

/** Email address of the administrator, whose password is `PASSWORD`. */
export const EARLIER_EMAIL = 'ada@example.com';

/** Digests of the four chained entries in `AUDIT_LOG_SQL`, computed by the version before 0007_standard_names. */
export const EARLIER_DIGESTS = [
  '479947e743975ce6b08cc959d1128c14e32f79ea0d2ea64ebb94b99236eafe00',
  '552648d36f3da1e9412c6ac5d0adc6fb03e61bde01c4169216bcba77de9ee7e4',
  '25d48ea9f65131a2b61072c909e653bfb6ee9ab250997ce9d00f9c109b114d74',
  'fdf31074a1973e5ef99fefb42c1854487af48c0e72bdfaecb6813911882230d3',
];

/** Applies the migrations up to one, to an empty database. */
export async function migrateToEarlierSchema(pool: pg.Pool, lastMigration: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-migrations-'));
  await cp(MIGRATIONS, folder, { recursive: true });
  const journalPath = path.join(folder, 'meta/_journal.json');
  const journal = JSON.parse(await readFile(journalPath, 'utf8'));
  const count = journal.entries.findIndex(({ tag }: { tag: string }) => tag === lastMigration) + 1;
  await writeFile(journalPath, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }));
  await migrate(drizzle(pool), { migrationsFolder: folder });
  await rm(folder, { recursive: true });
}

/** Creates the queues, with a job for each queued message. */
async function createEarlierQueues(url: string): Promise<void> {
  const boss = new PgBoss({ connectionString: url, max: 2, supervise: false, schedule: false });
  await boss.start();
  await boss.createQueue('failed-messages');
  await boss.createQueue('send-email', { deadLetter: 'failed-messages' });
  await boss.createQueue('send-text', { deadLetter: 'failed-messages' });
  await boss.send('send-text', { messageId: EARLIER_IDS.codeMessage });
  await boss.send('send-email', { messageId: EARLIER_IDS.reportMessage });
  await boss.send('send-email', { messageId: EARLIER_IDS.noticeMessage });
  await boss.stop({ graceful: false });
}

const buildUsersSql = (passwordHash: string) => `
  insert into users (id, email, email_folded, name, password_hash, password_changed_at, password_stands_alone, role) values
    ('${EARLIER_IDS.administrator}', '${EARLIER_EMAIL}', '${EARLIER_EMAIL}', 'Ada Minister', '${passwordHash}', now(), true,
      'settings_administrator'),
    ('${EARLIER_IDS.ssoUser}', 'grace@example.com', 'grace@example.com', 'Grace Hopper', null, null, false, 'settings_viewer');
  insert into sessions (id, user_id, address, method, proven_at, ended_at, ended_because) values
    ('${EARLIER_IDS.session}', '${EARLIER_IDS.administrator}', '192.0.2.9', 'password', now() - interval '5 minutes', null, null),
    ('${EARLIER_IDS.endedSession}', '${EARLIER_IDS.administrator}', '192.0.2.9', 'password', now(), now(), 'ended_by_user');
  insert into pending_sign_ins (id, user_id, expires_at, tries)
    values ('${EARLIER_IDS.pendingSignIn}', '${EARLIER_IDS.administrator}', now() + interval '9 minutes', 3);
  insert into passkeys (id, user_id, credential_id, public_key, counter, transports, backed_up, name)
    values ('${createId('60')}', '${EARLIER_IDS.ssoUser}', 'AQID', '\\x01', 7, '{internal}', true, 'A phone');
  insert into passkey_challenges (id, purpose, user_id, challenge, expires_at)
    values ('${createId('61')}', 'prove', '${EARLIER_IDS.ssoUser}', 'AAAA', now() + interval '5 minutes');
  insert into recovery_codes (id, user_id, digest) values ('${createId('62')}', '${EARLIER_IDS.ssoUser}', '\\x02');
  insert into identities (id, user_id, issuer_and_subject)
    values ('${createId('63')}', '${EARLIER_IDS.ssoUser}', 'https://id.example.org grace');
  insert into user_links (id, user_id, purpose, created_by, expires_at, ended_at, ended_because) values
    ('${createId('64')}', '${EARLIER_IDS.ssoUser}', 'invitation', '${EARLIER_IDS.administrator}', now() + interval '2 days', null, null),
    ('${createId('65')}', '${EARLIER_IDS.ssoUser}', 'invitation', null, now(), now(), 'withdrawn');
  insert into throttles (key, points, expire) values ('sign-in-known:AAAA', 2, 4102444800000);`;

const buildAccountsSql = (activeKey: string, inactiveKey: string) => `
  insert into api_accounts (id, username, username_folded, email, phone, active, requests_per_minute, key_digest,
    key_minted_at, reveal_id) values
    ('${EARLIER_IDS.activeAccount}', 'Théâtre Ltd', 'théâtre ltd', 'new@example.com', '+447894123456', true, 600,
      '\\x${digestKey(activeKey).toString('hex')}', now() - interval '8 days', '${createId('f1')}'),
    ('${EARLIER_IDS.inactiveAccount}', 'Northgate Gas', 'northgate gas', 'gas@example.com', '+447894123457', false, null,
      '\\x${digestKey(inactiveKey).toString('hex')}', now(), null),
    ('${EARLIER_IDS.undeliveredAccount}', 'Waiting Ltd', 'waiting ltd', 'wait@example.com', '+447894123458', true, null, null, null,
      '${EARLIER_IDS.openReveal}');
  insert into reveals (id, account_id, email, phone, expires_at, code_generation, code_expires_at, code_tries, link_tries,
    new_codes, emails_sent_again, texts_sent_again, openings, ended_at, ended_because) values
    ('${createId('f1')}', '${EARLIER_IDS.activeAccount}', 'it@example.com', '+447894123456', now(), 1, now(), 1, 1, 0, 0, 0, 0, now(),
      'shown'),
    ('${EARLIER_IDS.openReveal}', '${EARLIER_IDS.undeliveredAccount}', 'wait@example.com', '+447894123458', now() + interval '20 hours', 4,
      now() + interval '9 minutes', 2, 7, 1, 1, 2, 1, null, null);
  insert into link_openings (id, reveal_id, touched_at) values ('${createId('70')}', '${EARLIER_IDS.openReveal}', now());
  insert into api_account_usage (account_id, last_used_at) values ('${EARLIER_IDS.activeAccount}', now());
  insert into api_account_minutes (account_id, minute, allowed, inactive, limited)
    values ('${EARLIER_IDS.activeAccount}', date_trunc('minute', now()), 12, 0, 3);
  insert into api_account_days (account_id, day, allowed, inactive, limited)
    values ('${EARLIER_IDS.inactiveAccount}', current_date - 40, 100, 20, 0);
  insert into usage_flushes (writer, flush) values ('${createId('71')}', 9);
  insert into request_windows (account_id, minute, taken)
    values ('${EARLIER_IDS.activeAccount}', date_trunc('minute', now()), 6);`;

const MESSAGES_SQL = `
  insert into address_changes (id, account_id, at, changed_by, old_email, new_email, old_phone, new_phone, objected_at,
    settled_at, settled_by) values
    ('${EARLIER_IDS.openReport}', '${EARLIER_IDS.activeAccount}', now() - interval '2 days', '${EARLIER_IDS.administrator}', 'it@example.com',
      'new@example.com', '+447894123456', '+447894123456', now() - interval '1 day', null, null),
    ('${EARLIER_IDS.resolvedReport}', '${EARLIER_IDS.activeAccount}', now() - interval '6 days', '${EARLIER_IDS.administrator}', 'first@example.com',
      'it@example.com', '+447894123456', '+447894123456', now() - interval '5 days', now(), '${EARLIER_IDS.administrator}');
  insert into messages (id, kind, channel, reveal_id, change_id, user_id, link_id, notice, notice_to, code_generation,
    state, provider, provider_id) values
    ('${createId('d0')}', 'reveal_link', 'email', '${EARLIER_IDS.openReveal}', null, null, null, null, null, null, 'sent', 'resend',
      're_1'),
    ('${EARLIER_IDS.codeMessage}', 'code', 'sms', '${EARLIER_IDS.openReveal}', null, null, null, null, null, 4, 'queued', null, null),
    ('${EARLIER_IDS.reportMessage}', 'objection', 'email', null, '${EARLIER_IDS.openReport}', '${EARLIER_IDS.administrator}', null, null, null, null,
      'queued', null, null),
    ('${EARLIER_IDS.noticeMessage}', 'security_notice', 'email', null, null, '${EARLIER_IDS.ssoUser}', null, 'single_sign_on_forgotten',
      'grace@example.com', null, 'queued', null, null),
    ('${createId('d4')}', 'change_notice', 'email', null, '${EARLIER_IDS.openReport}', null, null, null, null, null, 'failed', null, null),
    ('${createId('d5')}', 'user_link', 'email', null, null, null, '${createId('64')}', null, null, null, 'dropped', null, null);
  insert into delivery_reports (id, message_id, kind, at, source_id)
    values ('${createId('80')}', '${createId('d0')}', 'delivered', now(), 'evt_1');
  insert into webhook_receipts (id, signed_at) values ('msg_1', now());
  insert into text_rules (countries, per_day, per_account_per_day, version, updated_by)
    values ('{FR,IE}', 70, 4, 3, '${EARLIER_IDS.administrator}');
  insert into text_counts (scope, day, queued, refused)
    values ('all', (now() at time zone 'UTC')::date, 9, 2), ('${EARLIER_IDS.undeliveredAccount}', (now() at time zone 'UTC')::date, 2, 1);`;

/** Four chained entries, and one unchained entry, which is older than the chain. */
const AUDIT_LOG_SQL = `
  alter table audit_events drop constraint audit_events_placed;
  insert into audit_events (id, at, act) values ('${createId('e0')}', '2026-01-01T00:00:00Z', 'api_key.reset');
  alter table audit_events add constraint audit_events_placed check (position is not null) not valid;
  insert into audit_events (position, id, at, act, outcome, user_id, account_id, address, details, digest) values
    (1, '${createId('e1')}', '2026-11-20T09:00:00.000001Z', 'sign_in.succeeded', 'done', '${EARLIER_IDS.administrator}', null,
      '192.0.2.9', '{"method":"password"}', '\\x${EARLIER_DIGESTS[0]}'),
    (2, '${createId('e2')}', '2026-11-20T09:01:00.12Z', 'api_account.created', 'done', '${EARLIER_IDS.administrator}',
      '${EARLIER_IDS.activeAccount}', '192.0.2.9', '{"username":"Théâtre Ltd","email":"it@example.com"}',
      '\\x${EARLIER_DIGESTS[1]}'),
    (3, '${createId('e3')}', '2026-11-20T09:05:00Z', 'reveal.wrong_code', 'refused', null, '${EARLIER_IDS.activeAccount}',
      '203.0.113.5', '{"revealId":"${createId('f1')}","linkTries":1}', '\\x${EARLIER_DIGESTS[2]}'),
    (4, '${createId('e4')}', '2026-11-21T10:00:00.5Z', 'audit.exported', 'done', '${EARLIER_IDS.administrator}', null, null,
      '{"format":"csv","filter":{"act":"reveal.wrong_code"}}', '\\x${EARLIER_DIGESTS[3]}');
  update audit_chain set position = 4, digest = '\\x${EARLIER_DIGESTS[3]}';`;

/**
 * Sets up an empty database as the version before 0007_standard_names would, with a row in every table.
 * @returns the API keys of the active and of the inactive account
 */
export async function setUpEarlierInstallation(url: string, pool: pg.Pool) {
  const keys = { active: generateKey(KEY_TAG), inactive: generateKey(KEY_TAG) };
  await migrateToEarlierSchema(pool, LAST_EARLIER_MIGRATION);
  await pool.query(buildUsersSql(await hashPassword(PASSWORD)));
  await pool.query(buildAccountsSql(keys.active, keys.inactive));
  await pool.query(MESSAGES_SQL);
  await pool.query(AUDIT_LOG_SQL);
  await createEarlierQueues(url);
  return keys;
}
